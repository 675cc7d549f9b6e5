import { UsageError } from '../../errors/index.js'
import { AtomicFile } from '../../io/index.js'
import { type Backbone, elementCount, parametersOf } from '../../network/index.js'
import { encodeModel } from '../../onnx/index.js'
import type { State } from '../training-session.js'
import { inferenceGraph } from './inference-graph.js'

/** What a user of the model must know; written into its `metadata_props`, where `openModel` finds it. */
export interface ModelDescription {
  color: 'rgb' | 'bgr'
  /** Subtracted from pixel values of 0 to 255. */
  mean: number
  /** Divisor after that. */
  std: number
  /** Further entries, such as the network and the step. */
  metadata?: Readonly<Record<string, string>>
}

/**
 * Writes the forward pass as standard ONNX (opset 17), whole or not at all: input `data` float32 [batch, 3, H, W],
 * already normalised, output `embedding` [batch, size], free batch.
 * @throws UsageError where the state lacks a parameter of the backbone or holds it in another size
 */
export async function exportModel(
  backbone: Backbone,
  state: State,
  path: string,
  { color, mean, std, metadata = {} }: ModelDescription,
): Promise<void> {
  const sizes = new Map(parametersOf(backbone.nodes).map(({ name, shape }) => [name, elementCount(shape)]))
  const weights = (name: string): Float32Array => {
    const data = state.get(`backbone.${name}`)?.data
    if (data?.length !== sizes.get(name)) {
      throw new UsageError(
        `export: backbone.${name} must have ${sizes.get(name)} values; the state has ${data?.length ?? 'none'}`,
      )
    }
    return data!
  }
  const description = new Map(
    Object.entries({
      ...metadata,
      network: backbone.name,
      embedding_size: String(backbone.embeddingSize),
      color,
      mean: String(mean),
      std: String(std),
    }),
  )
  const pieces = encodeModel(inferenceGraph(backbone, weights, description))
  const file = await AtomicFile.create(path)
  try {
    await file.write(...pieces)
  } catch (error) {
    await file.discard()
    throw error
  }
  await file.commit()
}
