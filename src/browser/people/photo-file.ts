import { decodeRgb, encodeJpeg, notAnImage, probe, resize } from '../../image/index.js'

/** What browsers show by themselves. AVIF and HEIF come as one format here, of which they show the first alone. */
const SHOWN: Record<string, string> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  bmp: 'image/bmp',
}

/** Pixels of the longer side up to which an image is its own thumbnail. */
const THUMBNAIL_SIDE = 256

const QUALITY = 90

/** An image as a browser takes it. */
export interface PhotoFile {
  type: string
  bytes: Uint8Array
}

/** The file as it is stored, where browsers show its format; else a JPEG of it. @throws InputError */
export async function photoFile(bytes: Uint8Array): Promise<PhotoFile> {
  const probed = probe(bytes)
  if (probed === undefined) throw notAnImage(bytes)
  const type = SHOWN[probed.format]
  return type === undefined ? jpegOf(bytes, Number.POSITIVE_INFINITY) : { type, bytes }
}

/** The same for a grid of many: large images are made smaller. @throws InputError */
export async function thumbnailFile(bytes: Uint8Array): Promise<PhotoFile> {
  const probed = probe(bytes)
  if (probed === undefined) throw notAnImage(bytes)
  const type = SHOWN[probed.format]
  const side = Math.max(probed.width, probed.height)
  return type === undefined || side > THUMBNAIL_SIDE ? jpegOf(bytes, THUMBNAIL_SIDE) : { type, bytes }
}

/** Why an image cannot be shown as it is; undefined where its structure is sound. */
export function faultOf(bytes: Uint8Array): string | undefined {
  const probed = probe(bytes)
  return probed === undefined ? notAnImage(bytes).message : probed.problem
}

async function jpegOf(bytes: Uint8Array, longest: number): Promise<PhotoFile> {
  const image = await decodeRgb(bytes)
  const scale = Math.min(1, longest / Math.max(image.width, image.height))
  const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * scale)))
  const small = resize(image, { width: width!, height: height!, fit: 'fill' })
  return { type: 'image/jpeg', bytes: encodeJpeg(small, QUALITY) }
}
