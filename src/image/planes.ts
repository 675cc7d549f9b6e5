import { decodeRgb } from './decode.js'
import { type Distortion, distort, distortImage } from './distortion.js'
import { decodeJpegBlock } from './jpeg-decode.js'
import { turnBlock, turnOf } from './orientation.js'
import { type PixelBlock, pixelMemory } from './pixel-memory.js'
import { probe } from './probe.js'

/** Pixels of a row that the kernel takes at a time. */
const PIXELS_AT_ONCE = 16

/** Where an image goes for a network. */
export interface PlaneTarget {
  /** uint8 [3, height, width]: R, G, B. */
  planes: Uint8Array
  /** Turned around left to right. */
  mirrored: boolean
  distortion?: Distortion | undefined
}

interface Size {
  height: number
  width: number
}

/**
 * Decodes an image by `decodeRgb`'s rules to one plane a channel, once for each target, and returns its size. Where
 * that is not the size wanted, nothing is written. @throws InputError as `decodeRgb`
 */
export async function decodePlanes(
  bytes: Uint8Array,
  wanted: Size,
  targets: readonly PlaneTarget[],
): Promise<Size> {
  const block = wanted.width % PIXELS_AT_ONCE === 0 ? decodeUpright(bytes) : undefined
  if (block !== undefined) {
    if (sameSize(block, wanted)) {
      for (const target of targets) splitBlock(distort(block, target.distortion), target)
    }
    return block
  }
  const image = await decodeRgb(bytes)
  if (sameSize(image, wanted)) {
    for (const { planes, mirrored, distortion } of targets) {
      splitPixels(distortImage(image, distortion).data, planes, wanted.height, wanted.width, mirrored)
    }
  }
  return image
}

function decodeUpright(bytes: Uint8Array): PixelBlock | undefined {
  const probed = probe(bytes)
  const stored = probed === undefined ? undefined : decodeJpegBlock(bytes, probed)
  const turn = probed === undefined ? undefined : turnOf(probed.orientation)
  return stored === undefined || turn === undefined ? stored : turnBlock(stored, turn)
}

function splitBlock({ pointer, width, height }: PixelBlock, { planes, mirrored }: PlaneTarget): void {
  const room = pixelMemory.take(planes.length)
  pixelMemory.kernels.splitPlanes(pointer, room, width, height, mirrored ? 1 : 0)
  planes.set(pixelMemory.bytes(room, planes.length))
}

/** Interleaved RGB to planes. */
export function splitPixels(
  pixels: Uint8Array,
  planes: Uint8Array,
  height: number,
  width: number,
  mirrored: boolean,
): void {
  const plane = height * width
  const forward = mirrored ? -3 : 3
  for (let y = 0; y < height; y++) {
    let from = 3 * (y * width + (mirrored ? width - 1 : 0))
    for (let to = y * width; to < (y + 1) * width; to++) {
      planes[to] = pixels[from]!
      planes[to + plane] = pixels[from + 1]!
      planes[to + 2 * plane] = pixels[from + 2]!
      from += forward
    }
  }
}

function sameSize(a: Size, b: Size): boolean {
  return a.height === b.height && a.width === b.width
}
