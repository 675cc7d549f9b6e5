import type { Outcome } from './convert.js'
import type { IndexEntry } from './part-index.js'

/** A file of a shard and what became of it, as a part holds it. */
export interface PartRecord {
  /** Place of the file in the order of the dataset. */
  position: number
  /** Position of its identity in the order of the dataset. */
  identity: number
  /** Position in the inputs. */
  source: number
  /** Path below its input, with `/`. */
  path: string
  outcome: Outcome
  reused: boolean
  /** xxHash64 of the stored bytes; 0 for a skipped file. */
  xxh64: bigint
}

/** @param memory that holds the record from `start` on: the image is a view of it */
export function unpackRecord(memory: Buffer, start: number, entry: IndexEntry, position: number): PartRecord {
  const { identity, source, reused, xxh64 } = entry
  const path = memory.toString('utf8', start, start + entry.pathBytes)
  return { position, identity, source, path, outcome: outcomeOf(memory, start, entry), reused, xxh64 }
}

function outcomeOf(memory: Buffer, start: number, entry: IndexEntry): Outcome {
  const { kind, width, height, format } = entry
  const reasonStart = start + entry.pathBytes
  const imageStart = reasonStart + entry.reasonBytes
  const reason = entry.reasonBytes === 0 ? '' : memory.toString('utf8', reasonStart, imageStart)
  if (kind === 'skipped') return { kind, reason }
  const bytes = memory.subarray(imageStart, imageStart + entry.imageBytes)
  const image = { bytes, width, height, format }
  return kind === 'damaged' ? { kind, image, reason } : { kind, image }
}
