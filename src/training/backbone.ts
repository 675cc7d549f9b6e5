import { UsageError } from '../errors/index.js'
import { type Backbone, mobilefacenet } from '../network/index.js'
import type { TrainingConfig } from './config/index.js'

/** Upstream's `get_mbf` and `get_mbf_large`. */
export const MOBILEFACENETS = {
  mbf: { blocks: [1, 4, 6, 2], scale: 2 },
  mbf_large: { blocks: [2, 8, 12, 4], scale: 4 },
} as const

/** The network that a config names, for images of this size. @throws UsageError */
export function backboneOf(
  config: Pick<TrainingConfig, 'network' | 'embedding_size'>,
  { height, width }: { height: number; width: number },
): Backbone {
  if (height !== width)
    throw new UsageError(`the network needs square images, and the dataset's are ${width}x${height}`)
  const { network } = config
  const named = MOBILEFACENETS[typeof network === 'string' ? network : network.name]
  const own = typeof network === 'string' ? undefined : network
  return mobilefacenet({
    blocks: own?.blocks ?? named.blocks,
    scale: own?.scale ?? named.scale,
    embeddingSize: config.embedding_size,
    imageSize: height,
  })
}
