import type { EmbeddingCache, EmbeddingModel } from '../embeddings/index.js'
import type { NearestSearch } from '../identities/index.js'
import type { Log, Progress } from '../progress/progress.js'

/** What sides are compared with by their embeddings. */
export interface EmbeddingContext {
  model: EmbeddingModel
  cache: EmbeddingCache
  search: NearestSearch
  /** Undefined for the usual one. */
  threshold: number | undefined
  signal: AbortSignal
  progress: Progress
  log: Log
}
