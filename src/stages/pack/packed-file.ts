import type { Outcome } from './convert.js'

/** A file of a shard and what became of it. */
export interface PackedFile {
  /** Position in the order of the dataset. */
  identity: number
  /** Position in the inputs. */
  source: number
  /** Path below its input, with `/`. */
  path: string
  outcome: Outcome
  /** The stored image was taken over from the version before. */
  reused: boolean
  /** What the cache is to say of the file; missing where it must be read again next time. */
  state?: SourceState
}

/** What tells next time whether a file has changed. */
export interface SourceState {
  size: number
  /** Milliseconds since 1970. */
  mtime: number
  /** xxHash64 of the file; missing for one that is stored as it is, whose image has the same. */
  xxh64?: bigint | undefined
}
