import { createXxh64, hashToHex } from '../hash/xxh64.js'
import { InputFile } from '../io/index.js'

/** Bytes at either end of the `.rec` file. */
const END_BYTES = 1024 * 1024

/**
 * Tells datasets of other tools apart, which have no fingerprint written down. It covers the index, the size of the
 * `.rec` file and a megabyte at either end: a hash of all would cost a read of all.
 * @param index path of the `.idx` file, where there is one
 */
export async function foreignFingerprint(records: InputFile, index: string | undefined): Promise<string> {
  const hash = createXxh64()
  const update = async (file: InputFile, start: number, end: number) => {
    for (let offset = start; offset < end; offset += END_BYTES) {
      hash.update(await file.readExactly(offset, Math.min(END_BYTES, end - offset)))
    }
  }
  hash.update(Buffer.from(String(records.size)))
  await update(records, 0, Math.min(records.size, END_BYTES))
  await update(records, Math.max(0, records.size - END_BYTES), records.size)
  if (index !== undefined) {
    const file = await InputFile.open(index)
    try {
      await update(file, 0, file.size)
    } finally {
      await file.close()
    }
  }
  return hashToHex(hash.digest())
}
