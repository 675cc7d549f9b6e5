/** A filter by which the pixels of an axis are resampled: how much each counts by its distance from the output's centre. */
export interface Filter {
  name: string
  /** Distance, in pixels, from which on the weight is 0. */
  reach: number
  weight(distance: number): number
  /** The pixel that stands for one beyond the edge; undefined where there is nothing beyond it. */
  beyondEdge?(pixel: number, length: number): number
}

/** Lanczos' window of 3 lobes. */
export const lanczos: Filter = {
  name: 'lanczos',
  reach: 3,
  weight(x) {
    if (x === 0) return 1
    if (Math.abs(x) >= 3) return 0
    const angle = Math.PI * x
    return (3 * Math.sin(angle) * Math.sin(angle / 3)) / (angle * angle)
  },
}

/**
 * Linear interpolation where an image grows; where it shrinks, the mean weighted by a triangle. Beyond the edge the last
 * pixel goes on, as in DALI.
 */
export const triangle: Filter = {
  name: 'triangle',
  reach: 1,
  weight: (x) => Math.max(0, 1 - Math.abs(x)),
  beyondEdge: (pixel, length) => (pixel < 0 ? 0 : length - 1),
}

/**
 * Gaussian cut off after `radius` pixels, its deviation 0.8 for radius 1 and 0.3 more for each further one, as OpenCV
 * and DALI derive it from a window's size. Beyond the edge the image is mirrored about its last pixel.
 */
export function gaussian(radius: number): Filter {
  const deviation = 0.8 + 0.3 * (radius - 1)
  return {
    name: `gaussian ${radius}`,
    reach: radius + 0.5,
    weight: (x) => Math.exp(-(x * x) / (2 * deviation * deviation)),
    beyondEdge(pixel, length) {
      const period = 2 * Math.max(1, length - 1)
      const within = ((pixel % period) + period) % period
      return Math.min(within, period - within, length - 1)
    },
  }
}
