import type { State } from '../../engines/index.js'
import { InputError } from '../../errors/index.js'
import { type Backbone, parametersOf } from '../../network/index.js'
import { type Tensor, toFloat32 } from '../../safetensors/index.js'
import type { NamedTensors } from './named-tensors.js'

/** PyTorch counts batches in int64. */
const COUNTER = /(^|\.)num_batches_tracked$/

/**
 * The state of a backbone from tensors that have its names and shapes, all of them and no others, as PyTorch's
 * `load_state_dict(strict=True)`. Other floats become float32. @throws InputError that names the first tensor that does not fit
 */
export async function readBackboneState(tensors: NamedTensors, backbone: Backbone): Promise<State> {
  requireFit(tensors, backbone)
  const state: State = new Map()
  for (const { name, shape } of parametersOf(backbone.nodes)) {
    state.set(`backbone.${name}`, { shape, data: floatsOf(await tensors.read(name), name, tensors.path) })
  }
  return state
}

function requireFit({ entries, path }: NamedTensors, backbone: Backbone): void {
  const parameters = parametersOf(backbone.nodes)
  for (const { name, shape } of parameters) {
    const found = entries.get(name)
    if (found !== undefined && String(found.shape) === String(shape)) continue
    throw new InputError({
      file: path,
      problem: `tensor '${name}' of ${backbone.name} ${found === undefined ? 'is missing' : 'has another shape'}`,
      expected: `[${shape.join(', ')}]`,
      ...(found === undefined ? {} : { actual: `[${found.shape.join(', ')}]` }),
    })
  }
  const known = new Set(parameters.map(({ name }) => name))
  for (const name of entries.keys()) {
    if (known.has(name)) continue
    throw new InputError({ file: path, problem: `tensor '${name}' is none of ${backbone.name}` })
  }
}

/** The values of a tensor of floats, or of a counter of batches. @throws InputError where one is no finite number */
export function floatsOf(tensor: Tensor, name: string, file: string): Float32Array {
  const { dtype, data } = tensor
  const isCounter = COUNTER.test(name) && data instanceof BigInt64Array
  const values = isCounter ? Float32Array.from(data, Number) : toFloat32(tensor)
  if (values === undefined) {
    throw new InputError({
      file,
      problem: `tensor '${name}' has another type`,
      expected: COUNTER.test(name) ? 'I64' : 'F32, F64, F16 or BF16',
      actual: dtype,
    })
  }
  const odd = values.findIndex((value) => !Number.isFinite(value))
  if (odd === -1) return values
  throw new InputError({
    file,
    problem: `tensor '${name}' holds no number at element ${odd}`,
    actual: String(values[odd]),
  })
}
