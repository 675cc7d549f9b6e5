import { InputError } from '../errors/index.js'
import { readUint32 } from './framing.js'

/** Bytes of the fixed part: flag u32, label f32, id u64, id2 u64, little endian. Source: mxnet.recordio.IRHeader. */
export const IMAGE_HEADER_BYTES = 24

const NO_LABELS = new Float32Array(0)

/** What stands before the image in a record's payload. */
export interface ImageHeader {
  /** Number of float32 labels after the fixed part; 0 where the label stands in it. */
  flag: number
  /** The label field of the fixed part (float32): meaningful where `flag` is 0. */
  label: number
  id: bigint
  id2: bigint
  /** The `flag` labels after the fixed part. */
  labels: Float32Array
}

/**
 * Reads the header of a payload.
 * @param place names file, record and offset in errors
 * @returns the header and the bytes after it, a view of the payload
 * @throws InputError where the payload is shorter than its header says
 */
export function unpackImage(
  payload: Uint8Array,
  place: { file: string; record?: number; offset: number },
): { header: ImageHeader; image: Uint8Array } {
  const flag = payload.length < IMAGE_HEADER_BYTES ? 0 : readFlag(payload)
  const bytes = IMAGE_HEADER_BYTES + 4 * flag
  if (payload.length < bytes) {
    throw new InputError({
      ...place,
      problem:
        flag === 0
          ? 'the record is too short for an image header'
          : `the record is too short for its ${flag} labels`,
      expected: `${bytes} bytes or more`,
      actual: payload.length,
      fix: 'The record is damaged or was not written as an image record.',
    })
  }
  const view = new DataView(payload.buffer, payload.byteOffset, bytes)
  const labels = flag === 0 ? NO_LABELS : new Float32Array(flag)
  for (let i = 0; i < flag; i++) labels[i] = view.getFloat32(IMAGE_HEADER_BYTES + 4 * i, true)
  return {
    header: {
      flag,
      label: view.getFloat32(4, true),
      id: view.getBigUint64(8, true),
      id2: view.getBigUint64(16, true),
      labels,
    },
    image: payload.subarray(bytes),
  }
}

const word = new Uint32Array(1)
const wordAsFloat = new Float32Array(word.buffer)

/** The label of a payload with a header of one label (flag 0); undefined for any other. Makes no object. */
export function singleLabel(payload: Uint8Array): number | undefined {
  if (payload.length < IMAGE_HEADER_BYTES || readUint32(payload, 0) !== 0) return undefined
  word[0] = readUint32(payload, 4)
  return wordAsFloat[0]
}

/** The id of a payload, rounded to 53 bits; -1 where the payload is too short for a header. */
export function imageId(payload: Uint8Array): number {
  if (payload.length < IMAGE_HEADER_BYTES) return -1
  return readUint32(payload, 8) + readUint32(payload, 12) * 2 ** 32
}

/** Writes the header of an image with one label at the beginning of `target`. */
export function writeImageHeader(target: Buffer, label: number, id: number): void {
  target.writeUInt32LE(0, 0)
  target.writeFloatLE(label, 4)
  target.writeUInt32LE(id % 2 ** 32, 8)
  target.writeUInt32LE(Math.floor(id / 2 ** 32), 12)
  target.writeUInt32LE(0, 16)
  target.writeUInt32LE(0, 20)
}

/** The bytes of a header. `labels`, where there are any, are written after the fixed part and set its flag. */
export function packImageHeader(header: {
  label: number
  id: bigint
  id2?: bigint
  labels?: Float32Array
}): Uint8Array {
  const labels = header.labels ?? NO_LABELS
  const bytes = new Uint8Array(IMAGE_HEADER_BYTES + 4 * labels.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, labels.length, true)
  view.setFloat32(4, header.label, true)
  view.setBigUint64(8, header.id, true)
  view.setBigUint64(16, header.id2 ?? 0n, true)
  for (const [i, label] of labels.entries()) view.setFloat32(IMAGE_HEADER_BYTES + 4 * i, label, true)
  return bytes
}

function readFlag(payload: Uint8Array): number {
  return new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0, true)
}
