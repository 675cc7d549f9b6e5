import { InputError } from '../errors/index.js'
import type { ImageProbe } from './image-probe.js'
import { DEFAULT_MAXIMUM_PIXELS, type DecodeLimits } from './limits.js'
import type { RgbImage } from './rgb-image.js'

type Sharp = typeof import('sharp').default

let loaded: Promise<Sharp> | undefined

/** Loaded by the first image that needs it: that takes as long as a thousand aligned JPEGs, which do without. */
function loadSharp(): Promise<Sharp> {
  loaded ??= import('sharp').then(({ default: sharp }) => {
    // Images are converted in worker threads of ours, one at a time in each: threads below them would only contend.
    sharp.concurrency(1)
    sharp.cache(false)
    return sharp
  })
  return loaded
}

/** Every format that libvips reads, by `decodeRgb`'s rules. @throws InputError with libvips' reason */
export async function decodeWithSharp(
  bytes: Uint8Array,
  probed: ImageProbe,
  limits: DecodeLimits,
): Promise<RgbImage> {
  const sharp = await loadSharp()
  try {
    const { data, info } = await sharp(bytes, {
      failOn: 'warning',
      limitInputPixels: limits.maximumPixels ?? DEFAULT_MAXIMUM_PIXELS,
      ignoreIcc: probed.cmyk !== true,
    })
      .autoOrient()
      .flatten({ background: 'black' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return {
      width: info.width,
      height: info.height,
      data: new Uint8Array(data.buffer, data.byteOffset, data.length),
    }
  } catch (error) {
    throw new InputError({ problem: `the image cannot be decoded: ${reasonOf(error)}` }, { cause: error })
  }
}

/** libvips repeats a message for every row that it tried: the first one says all. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.split('\n', 1)[0]!.replace(/^Input buffer has corrupt header: /, '')
}
