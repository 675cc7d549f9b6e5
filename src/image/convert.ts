import { decodeRgb } from './decode.js'
import { encodeBlock, encodeJpeg } from './encode.js'
import type { ImageProbe } from './image-probe.js'
import { decodeJpeg, decodeJpegBlock } from './jpeg-decode.js'
import { type Turn, turnBlock, turnOf } from './orientation.js'
import { type PixelBlock, pixelMemory } from './pixel-memory.js'
import { mirrored, type Placement, place, type TargetSize } from './placement.js'
import { resample } from './resample.js'
import { resize } from './resize.js'
import type { RgbImage } from './rgb-image.js'

/**
 * An image file as a JPEG of another size: decoded by `decodeRgb`'s rules, resized as by `resize`, encoded as by
 * `encodeJpeg`. The common JPEG goes its way within the pixel memory, and is turned upright when it is small.
 * @param probed what `probe` says of the bytes
 * @throws InputError as `decodeRgb`
 */
export async function convertToJpeg(
  bytes: Uint8Array,
  probed: ImageProbe | undefined,
  target: TargetSize,
  quality: number,
): Promise<Uint8Array> {
  const block = probed === undefined ? undefined : convertCommonJpeg(bytes, probed, target)
  if (block !== undefined) return encodeBlock(block, quality)
  return encodeJpeg(resize(await decodeRgb(bytes), target), quality)
}

function convertCommonJpeg(
  bytes: Uint8Array,
  probed: ImageProbe,
  target: TargetSize,
): PixelBlock | undefined {
  const stored = decodeJpegBlock(bytes, probed) ?? decodeJpeg(bytes, probed)
  if (stored === undefined) return undefined
  const turn = turnOf(probed.orientation)
  const sized = toSize(stored, turn, target)
  return turn === undefined ? sized : turnBlock(sized, turn)
}

function toSize(stored: RgbImage | PixelBlock, turn: Turn | undefined, target: TargetSize): PixelBlock {
  const [width, height] = turn?.transpose ? [stored.height, stored.width] : [stored.width, stored.height]
  if ('pointer' in stored) {
    if (width === target.width && height === target.height) return stored
  } else {
    pixelMemory.clear()
  }
  return resample(stored, asStored(place(width, height, target), turn))
}

/** A placement of the upright image as one of the image before it is turned. */
function asStored({ x, y }: Placement, turn: Turn | undefined): Placement {
  if (turn === undefined) return { x, y }
  const across = turn.mirrorX ? mirrored(x) : x
  const down = turn.mirrorY ? mirrored(y) : y
  return turn.transpose ? { x: down, y: across } : { x: across, y: down }
}
