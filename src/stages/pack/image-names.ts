import { closeSync, openSync, readSync } from 'node:fs'
import { extname, join } from 'node:path'
import { probe } from '../../image/index.js'

/** Extensions of images, those among them too that cannot be decoded: such a file is listed, not passed over. */
const IMAGE_EXTENSIONS = new Set(
  'jpg jpeg jpe jfif png webp gif bmp tif tiff avif heic heif jp2 jxl pbm pgm ppm pnm'.split(' '),
)

/** Enough for every magic number. */
const HEAD_BYTES = 32

/**
 * Does a file count as an image? By its extension; a file that has none (or one like `.1` that names no format) by its
 * first bytes, since some datasets number their images.
 */
export function isImageFile(folder: string, name: string): boolean {
  const extension = extname(name).slice(1).toLowerCase()
  if (IMAGE_EXTENSIONS.has(extension)) return true
  if (/^[a-z][a-z0-9]{1,9}$/.test(extension)) return false
  return beginsLikeImage(join(folder, name))
}

function beginsLikeImage(path: string): boolean {
  const head = new Uint8Array(HEAD_BYTES)
  try {
    const descriptor = openSync(path, 'r')
    try {
      return probe(head.subarray(0, readSync(descriptor, head))) !== undefined
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // It cannot be opened, so it is listed with that reason when its turn comes.
    return true
  }
}
