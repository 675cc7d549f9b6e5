import type { Distortion } from '../../image/index.js'
import { Random } from '../../random/random.js'
import type { AugmentationSteps } from '../config/index.js'

/** Apart from the sampler's streams of the same seed. */
const DISTORTIONS = 3

/**
 * Draws how the images of a batch are distorted: a function of the seed, the epoch, the step and the place in the batch
 * alone. The steps are drawn one by one, as in upstream's DALI pipeline, so an image can have several or none.
 */
export class DistortionSampler {
  readonly #seed: number
  readonly #steps: AugmentationSteps
  readonly #size: { height: number; width: number }

  constructor(options: { seed: number; steps: AugmentationSteps; height: number; width: number }) {
    this.#seed = options.seed
    this.#steps = options.steps
    this.#size = options
  }

  /** For each place in the batch of a step; undefined for an image that stays as it is. */
  batch({ epoch, step }: { epoch: number; step: number }, images: number): (Distortion | undefined)[] {
    return Array.from({ length: images }, (_, place) =>
      this.#draw(new Random(this.#seed, DISTORTIONS, epoch, step, place)),
    )
  }

  /** Takes as many numbers whatever comes out, so that one step's probability does not change the others. */
  #draw(random: Random): Distortion | undefined {
    const { resize, blur, hue_saturation: colour, gray = 0 } = this.#steps
    const distortion: Distortion = {}
    const [reduced, scale, blurred, radius] = [0, 0, 0, 0].map(() => random.uniform()) as Draws
    const [shifted, hue, saturation, grayed] = [0, 0, 0, 0].map(() => random.uniform()) as Draws
    if (resize !== undefined && reduced < resize.probability) {
      const { width, height } = this.#size
      distortion.reducedTo = {
        width: reducedSide(width, resize.scale, scale),
        height: reducedSide(height, resize.scale, scale),
      }
    }
    if (blur !== undefined && blurred < blur.probability) {
      const [low, high] = blur.radius
      distortion.blurRadius = low + Math.floor(radius * (high - low + 1))
    }
    if (colour !== undefined && shifted < colour.probability) {
      distortion.colour = { hue: within(colour.hue, hue), saturation: within(colour.saturation, saturation) }
    }
    if (grayed < gray) distortion.gray = true
    return Object.keys(distortion).length === 0 ? undefined : distortion
  }
}

type Draws = [number, number, number, number]

/** As upstream: between the ends in whole pixels, then to the nearest pixel. */
function reducedSide(side: number, [low, high]: [number, number], draw: number): number {
  return Math.max(1, Math.round(within([Math.floor(side * low), Math.floor(side * high)], draw)))
}

function within([low, high]: [number, number], draw: number): number {
  return low + draw * (high - low)
}
