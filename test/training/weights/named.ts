import { type Backbone, elementCount, parametersOf } from '../../../src/network/index.js'
import { Random } from '../../../src/random/random.js'
import type { Tensor } from '../../../src/safetensors/index.js'
import type { NamedTensors } from '../../../src/training/weights/named-tensors.js'

/** Random weights of a backbone, as PyTorch names and types them. */
export function weightsOf(backbone: Backbone, seed = 1): Map<string, Tensor> {
  return new Map(
    parametersOf(backbone.nodes).map(({ name, shape }, position): [string, Tensor] => {
      if (name.endsWith('num_batches_tracked'))
        return [name, { dtype: 'I64', shape, data: BigInt64Array.of(7n) }]
      const random = new Random(seed, position)
      const length = elementCount(shape)
      // Of convolutions so that activations keep their size.
      const spread = shape.length > 1 ? Math.sqrt((2 * shape[0]!) / length) : 1 / 8
      const middle = shape.length > 1 ? 0 : 0.5
      const data = Float32Array.from({ length }, () => middle + spread * random.normal())
      return [name, { dtype: 'F32', shape, data }]
    }),
  )
}

/** Tensors as if a file held them. */
export function named(tensors: ReadonlyMap<string, Tensor>): NamedTensors {
  return { path: 'model.pt', entries: tensors, read: async (name) => tensors.get(name)! }
}
