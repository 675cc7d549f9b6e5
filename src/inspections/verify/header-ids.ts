import { InputError } from '../../errors/index.js'
import type { InputFile } from '../../io/index.js'
import type { IndexCheck } from './index-check.js'

/** Records that are looked at. */
const SAMPLE = 64

/** Bytes from the beginning of a record to the id in its header: part header, flag and label. */
const ID_OFFSET = 16

/** Whether a file has its keys in the headers of records: some tools leave the id 0. Most of a sample decide. */
export async function holdsKeys(file: InputFile, { keys, offsets }: IndexCheck): Promise<boolean> {
  const step = Math.max(1, Math.floor(keys.length / SAMPLE))
  let equal = 0
  let looked = 0
  for (let line = 0; line < keys.length; line += step) {
    // An id of 0 says nothing where the key is 0.
    if (keys[line] === 0) continue
    try {
      const id = Buffer.from(await file.readExactly(offsets[line]! + ID_OFFSET, 8)).readBigUInt64LE()
      looked++
      if (id === BigInt(keys[line]!)) equal++
    } catch (error) {
      // An offset beyond the end is told by the walk.
      if (!(error instanceof InputError)) throw error
    }
  }
  return equal > looked / 2
}
