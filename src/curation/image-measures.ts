import { DIFFERENCE_HASH_WORDS } from '../image/index.js'

/** What is measured of images, by columns: 52 bytes an image. */
export interface ImageMeasures {
  /** xxHash64 of the image bytes. */
  hashes: BigUint64Array
  /** Difference hashes: [images, DIFFERENCE_HASH_WORDS]. 0 for an image that cannot be decoded, as all that follows. */
  pictures: Uint32Array
  /** Shorter side in pixels. */
  sides: Uint32Array
  /** See `sharpness`. */
  sharpness: Float32Array
  /** Mean luma, 0 to 255. */
  brightness: Float32Array
}

export function emptyMeasures(count: number): ImageMeasures {
  return {
    hashes: new BigUint64Array(count),
    pictures: new Uint32Array(count * DIFFERENCE_HASH_WORDS),
    sides: new Uint32Array(count),
    sharpness: new Float32Array(count),
    brightness: new Float32Array(count),
  }
}

/** Puts the measures of some images into those of all, from the position `first` on. */
export function setMeasures(all: ImageMeasures, some: ImageMeasures, first: number): void {
  all.hashes.set(some.hashes, first)
  all.pictures.set(some.pictures, first * DIFFERENCE_HASH_WORDS)
  all.sides.set(some.sides, first)
  all.sharpness.set(some.sharpness, first)
  all.brightness.set(some.brightness, first)
}
