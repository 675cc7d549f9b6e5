import type { InputFile } from '../../io/index.js'
import { imageId, salvageRecords } from '../../recordio/index.js'
import type { IndexCheck } from './index-check.js'

/** Records that are looked at. */
const SAMPLE = 64

/**
 * Whether a file has its keys in the headers of records: some tools leave the id 0. The first records decide, by most of
 * their ids being different keys of the index.
 */
export async function holdsKeys(file: InputFile, { table }: IndexCheck): Promise<boolean> {
  for await (const { records } of salvageRecords(file)) {
    const ids = records.slice(0, SAMPLE).map(({ payload }) => imageId(payload))
    const keys = new Set(ids.filter((id) => table.positionOf(id) !== -1))
    if (ids.length > 0) return keys.size > ids.length / 2
  }
  return false
}
