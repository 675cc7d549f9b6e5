import type { Outcome, PackedImage } from './convert.js'

/** A file of a shard and what became of it. */
export interface PartRecord {
  /** Position in the order of names. */
  identity: number
  /** Position in the inputs. */
  source: number
  /** Path below its input, with `/`. */
  path: string
  outcome: Outcome
  /** xxHash64 of the stored bytes; 0 for a skipped file. */
  xxh64: bigint
}

export const outcomeKinds = ['skipped', 'as-is', 'converted', 'damaged'] as const

/** kind u8, format length u8, width u16, height u16, source u16, identity u32, path and reason lengths u16, xxh64 u64. */
const HEADER_BYTES = 24

/** The payload of a record in a part: a fixed header, path, reason, format, and the image bytes. */
export function packPartRecord(record: PartRecord): Uint8Array[] {
  const { outcome } = record
  const image: PackedImage =
    outcome.kind === 'skipped' ? { bytes: new Uint8Array(0), width: 0, height: 0, format: '' } : outcome.image
  const path = Buffer.from(record.path, 'utf8')
  const reason = Buffer.from('reason' in outcome ? outcome.reason : '', 'utf8').subarray(0, 0xffff)
  const format = Buffer.from(image.format, 'utf8')
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt8(outcomeKinds.indexOf(outcome.kind), 0)
  header.writeUInt8(format.length, 1)
  header.writeUInt16LE(Math.min(image.width, 0xffff), 2)
  header.writeUInt16LE(Math.min(image.height, 0xffff), 4)
  header.writeUInt16LE(record.source, 6)
  header.writeUInt32LE(record.identity, 8)
  header.writeUInt16LE(path.length, 12)
  header.writeUInt16LE(reason.length, 14)
  header.writeBigUInt64LE(record.xxh64, 16)
  return [header, path, reason, format, image.bytes]
}

export function unpackPartRecord(payload: Uint8Array): PartRecord {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  const pathEnd = HEADER_BYTES + bytes.readUInt16LE(12)
  const reasonEnd = pathEnd + bytes.readUInt16LE(14)
  const formatEnd = reasonEnd + bytes.readUInt8(1)
  const kind = outcomeKinds[bytes.readUInt8(0)]!
  const reason = bytes.toString('utf8', pathEnd, reasonEnd)
  const image: PackedImage = {
    bytes: payload.subarray(formatEnd),
    width: bytes.readUInt16LE(2),
    height: bytes.readUInt16LE(4),
    format: bytes.toString('utf8', reasonEnd, formatEnd),
  }
  const outcome: Outcome =
    kind === 'skipped' ? { kind, reason } : kind === 'damaged' ? { kind, image, reason } : { kind, image }
  return {
    identity: bytes.readUInt32LE(8),
    source: bytes.readUInt16LE(6),
    path: bytes.toString('utf8', HEADER_BYTES, pathEnd),
    outcome,
    xxh64: bytes.readBigUInt64LE(16),
  }
}
