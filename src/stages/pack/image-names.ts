import { closeSync, openSync, readSync } from 'node:fs'
import { extname } from 'node:path'
import { probe } from '../../image/probe.js'

/** Extensions of images, those among them too that cannot be decoded: such a file is listed, not passed over. */
const IMAGE_EXTENSIONS = new Set(
  'jpg jpeg jpe jfif png webp gif bmp tif tiff avif heic heif jp2 jxl pbm pgm ppm pnm'.split(' '),
)

/** Enough for every magic number. */
const HEAD_BYTES = 32

/**
 * Does a file count as an image? By its extension; a file that has none (or one like `.1` that names no format) by its
 * first bytes, since some datasets number their images.
 * @param head reads those; undefined where it cannot: then the file is listed with that reason when its turn comes
 */
export function isImageFile(name: string, head: (bytes: number) => Uint8Array | undefined): boolean {
  const extension = extname(name).slice(1).toLowerCase()
  if (IMAGE_EXTENSIONS.has(extension)) return true
  if (/^[a-z][a-z0-9]{1,9}$/.test(extension)) return false
  const bytes = head(HEAD_BYTES)
  return bytes === undefined || probe(bytes) !== undefined
}

/** How a file that is no image is counted. */
export function kindOfOther(name: string): string {
  return extname(name).toLowerCase() || 'no extension'
}

export function readHead(path: string, length: number): Uint8Array | undefined {
  const head = new Uint8Array(length)
  try {
    const descriptor = openSync(path, 'r')
    try {
      return head.subarray(0, readSync(descriptor, head))
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return undefined
  }
}
