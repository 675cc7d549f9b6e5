import { type DescribedImage, imageFormatCode, imageFormats } from '../../dataset/index.js'
import type { BlockWriter } from '../../io/index.js'

/**
 * An image on its way through a bucket. Little endian: bytes of the whole u32, place u32, label i32, source u16, width
 * u16, height u16, format u8, unused u8, xxh64 u64, bytes of the path u32, number of extra labels u32; then the extra
 * labels f32, the path, the image.
 */
const HEADER_BYTES = 36

/** Sides of a manifest have 16 bits. */
const LARGEST_SIDE = 0xffff

export type BucketImage = Omit<DescribedImage, 'key' | 'offset' | 'length'>

/** Appends an image. `place` is its number in the order that the bucket will have. */
export function appendToBucket(bucket: BlockWriter, place: number, image: BucketImage): void {
  const { bytes, extraLabels, path } = image
  const pathBytes = Buffer.byteLength(path, 'utf8')
  const length = HEADER_BYTES + 4 * extraLabels.length + pathBytes + bytes.length
  let at = bucket.claim(length)
  const { block } = bucket
  block.writeUInt32LE(length, at)
  block.writeUInt32LE(place, at + 4)
  block.writeInt32LE(image.label, at + 8)
  block.writeUInt16LE(image.source, at + 12)
  block.writeUInt16LE(Math.min(image.width, LARGEST_SIDE), at + 14)
  block.writeUInt16LE(Math.min(image.height, LARGEST_SIDE), at + 16)
  block.writeUInt8(imageFormatCode(image.format), at + 18)
  block.writeUInt8(0, at + 19)
  block.writeBigUInt64LE(image.xxh64, at + 20)
  block.writeUInt32LE(pathBytes, at + 28)
  block.writeUInt32LE(extraLabels.length, at + 32)
  at += HEADER_BYTES
  for (const label of extraLabels) at = block.writeFloatLE(label, at)
  at += block.write(path, at, 'utf8')
  block.set(bytes, at)
}

/** Where each image of a bucket begins, by place; `end` is behind the last one. */
export function placesOfBucket(bucket: Buffer, end: number, images: number): Float64Array {
  const starts = new Float64Array(images)
  for (let at = 0; at < end; at += bucket.readUInt32LE(at)) starts[bucket.readUInt32LE(at + 4)] = at
  return starts
}

/** The image that begins at `at`; its bytes are a view of the bucket. */
export function readFromBucket(bucket: Buffer, at: number): BucketImage {
  const end = at + bucket.readUInt32LE(at)
  const pathStart = at + HEADER_BYTES + 4 * bucket.readUInt32LE(at + 32)
  const pathEnd = pathStart + bucket.readUInt32LE(at + 28)
  const extraLabels = new Float32Array(bucket.readUInt32LE(at + 32))
  for (let i = 0; i < extraLabels.length; i++) {
    extraLabels[i] = bucket.readFloatLE(at + HEADER_BYTES + 4 * i)
  }
  return {
    label: bucket.readInt32LE(at + 8),
    extraLabels,
    bytes: bucket.subarray(pathEnd, end),
    source: bucket.readUInt16LE(at + 12),
    path: bucket.toString('utf8', pathStart, pathEnd),
    width: bucket.readUInt16LE(at + 14),
    height: bucket.readUInt16LE(at + 16),
    format: imageFormats[bucket.readUInt8(at + 18)]!,
    xxh64: bucket.readBigUInt64LE(at + 20),
  }
}
