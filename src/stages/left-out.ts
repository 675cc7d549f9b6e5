import type { Dataset, SkippedImage } from '../dataset/index.js'
import type { Log } from '../progress/progress.js'

/** The records that the index of a walked dataset does not name, for `skipped.jsonl`; their number is told. */
export function unindexedRecords(input: Dataset, log: Log): SkippedImage[] {
  const offsets = input.unindexedRecords
  if (offsets.length > 0) {
    log.warn(`${input.name}: ${offsets.length} records that its index does not name are left out`)
  }
  return offsets.map((offset) => ({
    source: input.name,
    path: '',
    reason: `the record at offset ${offset} is not in the index`,
  }))
}

/** Tells of images whose source path stays empty. */
export function warnOfMissingPaths(input: Dataset, images: number, log: Log): void {
  if (images === 0) return
  log.warn(
    `${input.name}: no list names ${images} of its images in their order: their source path stays empty`,
  )
}
