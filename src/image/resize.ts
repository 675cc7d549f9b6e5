import sharp from 'sharp'
import type { RgbImage } from './rgb-image.js'

/**
 * How an image of another shape meets the target. cover: fills it, what sticks out is cut off evenly at both sides;
 * contain: all of it fits in, the rest is black; fill: stretched.
 */
export type Fit = 'cover' | 'contain' | 'fill'

/** Resamples with a Lanczos window of 3. An image that has the size already comes back as it is. */
export async function resize(
  image: RgbImage,
  target: { width: number; height: number; fit: Fit },
): Promise<RgbImage> {
  const { width, height, fit } = target
  if (image.width === width && image.height === height) return image
  const data = await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .resize({ width, height, fit, kernel: 'lanczos3', background: 'black' })
    .raw()
    .toBuffer()
  return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) }
}
