import { type CachePlaces, EmbeddingCache, type EmbeddingModel } from '../embeddings/index.js'
import { type ModelInput, reopenModel } from './model-input.js'
import type { StageContext } from './stage.js'

/** Opens the model of a plan and its cache of embeddings for as long as `use` runs. @throws InputError */
export async function withEmbeddings<T>(
  plan: { model: ModelInput; cache: CachePlaces },
  context: Pick<StageContext, 'jobs' | 'scratch'>,
  use: (model: EmbeddingModel, cache: EmbeddingCache) => Promise<T>,
): Promise<T> {
  const model = await reopenModel(plan.model, context)
  try {
    const cache = await EmbeddingCache.open(plan.cache, model)
    try {
      return await use(model, cache)
    } finally {
      await cache.close()
    }
  } finally {
    await model.embedder.close()
  }
}
