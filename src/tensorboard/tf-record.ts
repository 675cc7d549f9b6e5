import { crc32c } from '../hash/crc32c.js'

/** Bytes before a record's data: length u64le, checksum of the length u32le; the data's checksum follows it. */
const HEADER_BYTES = 12
const FOOTER_BYTES = 4

/** A record as TFRecord frames it. Source: tensorflow.org/tutorials/load_data/tfrecord, "TFRecords format details". */
export function frameTfRecord(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(HEADER_BYTES + data.length + FOOTER_BYTES)
  record.writeBigUInt64LE(BigInt(data.length))
  record.writeUInt32LE(maskedCrc(record.subarray(0, 8)), 8)
  record.set(data, HEADER_BYTES)
  record.writeUInt32LE(maskedCrc(data), HEADER_BYTES + data.length)
  return record
}

/** The whole records at the start of `file`: data, and where the record ends. Stops at one that is cut off or damaged. */
export function* readTfRecords(file: Uint8Array): Generator<{ data: Uint8Array; end: number }> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  let position = 0
  while (position + HEADER_BYTES + FOOTER_BYTES <= file.length) {
    const lengthBytes = file.subarray(position, position + 8)
    if (view.getUint32(position + 8, true) !== maskedCrc(lengthBytes)) return
    const start = position + HEADER_BYTES
    const end = start + Number(view.getBigUint64(position, true)) + FOOTER_BYTES
    if (end > file.length) return
    const data = file.subarray(start, end - FOOTER_BYTES)
    if (view.getUint32(end - FOOTER_BYTES, true) !== maskedCrc(data)) return
    yield { data, end }
    position = end
  }
}

/** TFRecord's mask: a checksum over data that holds checksums would be weak. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
