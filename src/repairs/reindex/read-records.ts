import { judgeImage, RecordKeys } from '../../dataset/index.js'
import { InputFile } from '../../io/index.js'
import type { Progress } from '../../progress/progress.js'
import { IMAGE_HEADER_BYTES, salvageRecords } from '../../recordio/index.js'
import type { LostList } from './lost-list.js'

/** Reads all records that can be read. @throws InputError where the file cannot be; the reason of the signal */
export async function readRecords(
  path: string,
  lost: LostList,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<RecordKeys> {
  const keys = new RecordKeys()
  const file = await InputFile.open(path)
  try {
    progress.start('reading', file.size, 'bytes')
    for await (const { records, damage } of salvageRecords(file, { judge: judgeImage })) {
      signal.throwIfAborted()
      for (const record of records) {
        const { offset, end, payload } = record
        if (isImageRecord(payload)) keys.add(record)
        else lost.add({ offset, bytes: end - offset, reason: 'the record is too short for an image header' })
        progress.advance(end - offset)
      }
      if (damage === undefined) continue
      const { start, end, problem, expected, actual } = damage
      const found = expected === undefined ? '' : `: expected ${expected}, found ${actual}`
      lost.add({ offset: start, bytes: end - start, reason: `${problem}${found}` })
      progress.advance(end - start)
      await lost.ready()
    }
    return keys
  } finally {
    await file.close()
  }
}

function isImageRecord(payload: Uint8Array): boolean {
  if (payload.length < IMAGE_HEADER_BYTES) return false
  const labels = new DataView(payload.buffer, payload.byteOffset).getUint32(0, true)
  return payload.length >= IMAGE_HEADER_BYTES + 4 * labels
}
