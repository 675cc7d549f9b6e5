import { imageFormatCode, imageFormats } from '../../dataset/image-format.js'
import type { Outcome } from './convert.js'
import type { PackedFile } from './packed-file.js'
import { outcomeKinds } from './part-index.js'

/** A file of a shard and what became of it, as a part holds it. */
export interface PartRecord extends Pick<PackedFile, 'identity' | 'source' | 'path' | 'outcome'> {
  /** Place of the file in the order of the dataset. */
  position: number
  /** xxHash64 of the stored bytes; 0 for a skipped file. */
  xxh64: bigint
}

/** kind u8, format u8, width u16, height u16, source u16, identity u32, path and reason lengths u16, xxh64 u64. */
const HEADER_BYTES = 24

const header = Buffer.alloc(HEADER_BYTES)
const noImage = { bytes: new Uint8Array(0), width: 0, height: 0, format: '' }

/** The payload of a record in a part: a fixed header, path, reason and the image. Its memory is used again by the next. */
export function packPartRecord({ identity, source, path, outcome }: PackedFile, xxh64: bigint): Uint8Array[] {
  const image = outcome.kind === 'skipped' ? noImage : outcome.image
  const pathBytes = Buffer.from(path, 'utf8')
  const reason = Buffer.from('reason' in outcome ? outcome.reason : '', 'utf8').subarray(0, 0xffff)
  header.writeUInt8(outcomeKinds.indexOf(outcome.kind), 0)
  header.writeUInt8(imageFormatCode(image.format), 1)
  header.writeUInt16LE(Math.min(image.width, 0xffff), 2)
  header.writeUInt16LE(Math.min(image.height, 0xffff), 4)
  header.writeUInt16LE(source, 6)
  header.writeUInt32LE(identity, 8)
  header.writeUInt16LE(pathBytes.length, 12)
  header.writeUInt16LE(reason.length, 14)
  header.writeBigUInt64LE(xxh64, 16)
  return [header, pathBytes, reason, image.bytes]
}

/** The image is a view of the payload. */
export function unpackPartRecord(payload: Uint8Array, position: number): PartRecord {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  const pathEnd = HEADER_BYTES + bytes.readUInt16LE(12)
  const reasonEnd = pathEnd + bytes.readUInt16LE(14)
  return {
    position,
    identity: bytes.readUInt32LE(8),
    source: bytes.readUInt16LE(6),
    path: bytes.toString('utf8', HEADER_BYTES, pathEnd),
    outcome: outcomeOf(bytes, payload.subarray(reasonEnd), bytes.toString('utf8', pathEnd, reasonEnd)),
    xxh64: bytes.readBigUInt64LE(16),
  }
}

function outcomeOf(header: Buffer, image: Uint8Array, reason: string): Outcome {
  const kind = outcomeKinds[header.readUInt8(0)]!
  if (kind === 'skipped') return { kind, reason }
  const packed = {
    bytes: image,
    width: header.readUInt16LE(2),
    height: header.readUInt16LE(4),
    format: imageFormats[header.readUInt8(1)]!,
  }
  return kind === 'damaged' ? { kind, image: packed, reason } : { kind, image: packed }
}
