import { UsageError } from '../errors/index.js'
import { type Backbone, namedBackbone } from '../network/index.js'
import type { TrainingConfig } from './config/index.js'

/** The network that a config names, for images of this size. @throws UsageError */
export function backboneOf(
  config: Pick<TrainingConfig, 'network' | 'embedding_size'>,
  { height, width }: { height: number; width: number },
): Backbone {
  if (height !== width)
    throw new UsageError(`the network needs square images, and the dataset's are ${width}x${height}`)
  const { name, ...own } = typeof config.network === 'string' ? { name: config.network } : config.network
  return namedBackbone(name, own, { embeddingSize: config.embedding_size, imageSize: height })
}
