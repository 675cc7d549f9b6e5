import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { encodeJpeg } from '../../dist/image/index.js'
import { Random } from '../../dist/random/random.js'
import { renderFace } from '../../dist/synthesis/index.js'

export interface PhotoFolder {
  path: string
  images: number
  /** Mean bytes of a file. */
  meanBytes: number
}

interface PhotoOptions {
  images: number
  size: number
  quality: number
  /** EXIF orientation to state, where the photos are to be turned. */
  orientation?: number
}

const FACES = 1000
const IMAGES_PER_IDENTITY = 50
const SEED = 20

/**
 * Levels of noise, up and down: a file of 112x112 at quality 95 then has about the 6 kB of a real aligned photo, and one
 * of 250x250 at quality 85 the 9 kB of a published photo of that size.
 */
const NOISE = 6

/** Writes JPEGs as a folder an identity: a thousand rendered faces, told apart by their noise. */
export async function writePhotos(path: string, options: PhotoOptions): Promise<PhotoFolder> {
  const { images } = options
  let bytes = 0
  let folder = path
  let image = 0
  for await (const jpeg of photos(options)) {
    if (image % IMAGES_PER_IDENTITY === 0) {
      folder = join(path, String(image / IMAGES_PER_IDENTITY).padStart(6, '0'))
      await mkdir(folder, { recursive: true })
    }
    await writeFile(join(folder, `${String(image % IMAGES_PER_IDENTITY).padStart(4, '0')}.jpg`), jpeg)
    bytes += jpeg.length
    image++
  }
  return { path, images, meanBytes: bytes / images }
}

/** The JPEGs themselves. */
export async function* photos({
  images,
  size,
  quality,
  orientation,
}: PhotoOptions): AsyncGenerator<Uint8Array> {
  const faces = await Promise.all(
    Array.from({ length: Math.min(images, FACES) }, (_, identity) => renderAt(identity, size)),
  )
  for (let image = 0; image < images; image++) {
    const face = faces[image % faces.length]!
    const jpeg = encodeJpeg({ width: size, height: size, data: withNoise(face, image) }, quality)
    yield orientation === undefined ? jpeg : withOrientation(jpeg, orientation)
  }
}

/** "20,000 JPEGs 250x250, mean 9.1 kB". */
export function describePhotos({ images, meanBytes }: PhotoFolder, size: number): string {
  return `${images.toLocaleString('en-US')} JPEGs ${size}x${size}, mean ${(meanBytes / 1000).toFixed(1)} kB`
}

async function renderAt(identity: number, size: number): Promise<Uint8Array> {
  const { data, width, height } = renderFace(SEED, identity, 0)
  if (width === size) return data
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize(size, size)
    .raw()
    .toBuffer()
}

function withNoise(pixels: Uint8Array, salt: number): Uint8Array {
  const noisy = new Uint8ClampedArray(pixels.length)
  const random = new Random(SEED, salt)
  // Four small draws from each number: the noise of 50,000 images is then made in seconds.
  for (let i = 0; i < pixels.length; i += 4) {
    let bits = random.uint32()
    for (let k = i; k < i + 4; k++) {
      noisy[k] = pixels[k]! + ((bits & 0xff) % (2 * NOISE + 1)) - NOISE
      bits >>>= 8
    }
  }
  return new Uint8Array(noisy.buffer)
}

/** With an EXIF segment (big endian, one tag) before all others. */
function withOrientation(jpeg: Uint8Array, orientation: number): Uint8Array {
  const tiff = Buffer.from('4d4d002a000000080001011200030000000100000000', 'hex')
  tiff.writeUInt16BE(orientation, tiff.length - 4)
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, Buffer.alloc(4)])
  const head = Buffer.of(0xff, 0xe1, 0, body.length + 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)])
}
