import { type Dataset, describedBatches } from '../dataset/index.js'
import { type CachePlaces, DatasetSource, embedImages, partOfSource } from '../embeddings/index.js'
import type { ImageShare } from './image-shares.js'
import type { ModelInput } from './model-input.js'
import type { StageContext } from './stage.js'
import { withEmbeddings } from './with-embeddings.js'

/**
 * What a shard does for a stage that decides about all images together: it reads its images, compares each with its hash,
 * and brings their embeddings into the cache, where `finish` finds them.
 * @returns how many images it went through @throws InputError for an image that is damaged
 */
export async function prepareImages(
  inputs: Dataset[],
  shares: ImageShare[],
  embedding: { model: ModelInput; cache: CachePlaces } | undefined,
  context: StageContext,
): Promise<number> {
  if (embedding === undefined) {
    for (const { input, ...range } of shares) {
      for await (const images of describedBatches(inputs[input]!, context.signal, 'reused', range)) {
        context.progress.advance(images.length)
      }
    }
  } else {
    await withEmbeddings(embedding, context, async (model, cache) => {
      for (const { input, ...range } of shares) {
        const part = partOfSource(new DatasetSource(inputs[input]!), range)
        for await (const { images, skipped } of embedImages(part, model, cache, context.signal)) {
          context.progress.advance(images.length + skipped.length)
        }
      }
    })
  }
  return shares.reduce((sum, { first, end }) => sum + end - first, 0)
}
