import { probe } from '../image/index.js'
import { IMAGE_HEADER_BYTES, type JudgeRecord } from '../recordio/index.js'

/**
 * Whether the image in a payload is whole by its own structure, such as a JPEG that reaches its end marker; undefined
 * where the payload holds no image of a known format. For `salvageRecords`, without an error.
 */
export const judgeImage: JudgeRecord = (payload) => {
  if (payload.length < IMAGE_HEADER_BYTES) return undefined
  const labels = new DataView(payload.buffer, payload.byteOffset).getUint32(0, true)
  const found = probe(payload.subarray(IMAGE_HEADER_BYTES + 4 * labels))
  return found === undefined ? undefined : found.problem === undefined
}
