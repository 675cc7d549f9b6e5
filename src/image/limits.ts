import { InputError } from '../errors/index.js'

export interface DecodeLimits {
  /** Images of more pixels are refused by their header, before any memory is taken. */
  maximumPixels?: number
}

/** 2^26, about 67 megapixels: 192 MiB of RGB. Above every full-frame camera, below what a bomb needs. */
export const DEFAULT_MAXIMUM_PIXELS = 2 ** 26

/** @throws InputError where `width * height` is above the limit */
export function checkPixels(width: number, height: number, limits: DecodeLimits): void {
  const maximum = limits.maximumPixels ?? DEFAULT_MAXIMUM_PIXELS
  if (width * height <= maximum) return
  throw new InputError({
    problem: 'the image is too large to decode',
    expected: `at most ${maximum} pixels`,
    actual: `${width} x ${height}`,
  })
}
