import { describe, expect, it } from 'vitest'
import type { Distortion } from '../../../src/image/index.js'
import { type AugmentationSteps, augmentationSteps } from '../../../src/training/config/index.js'
import { DistortionSampler } from '../../../src/training/loading/distortion-sampler.js'

const DRAWS = 40_000

function sampler(steps: AugmentationSteps, seed = 5): DistortionSampler {
  return new DistortionSampler({ seed, steps, height: 112, width: 112 })
}

const draws = (steps: AugmentationSteps, seed?: number): Distortion[] =>
  sampler(steps, seed)
    .batch({ epoch: 2, step: 7 }, DRAWS)
    .map((distortion) => distortion ?? {})

/** Five standard deviations around the expected part. */
function expectPart(part: number, probability: number, of = DRAWS): void {
  const spread = Math.sqrt((probability * (1 - probability)) / of)
  expect(Math.abs(part - probability)).toBeLessThan(5 * spread)
}

const dali = augmentationSteps('dali')

describe('distortion sampler', () => {
  const drawn = draws(dali)
  const part = (has: (distortion: Distortion) => boolean) => drawn.filter(has).length / DRAWS

  it("takes each step with its probability, independently: those of upstream's DALI pipeline", () => {
    expectPart(
      part((d) => d.reducedTo !== undefined),
      0.1,
    )
    expectPart(
      part((d) => d.blurRadius !== undefined),
      0.2,
    )
    expectPart(
      part((d) => d.colour !== undefined),
      0.2,
    )
    expectPart(
      part((d) => d.gray === true),
      0.1,
    )
    expectPart(
      part((d) => d.blurRadius !== undefined && d.colour !== undefined),
      0.04,
    )
    expectPart(
      part((d) => Object.keys(d).length === 0),
      0.9 * 0.8 * 0.8 * 0.9,
    )
  })

  it('draws evenly within the ranges, of sizes and radii to both ends', () => {
    const sides = drawn.flatMap(({ reducedTo }) => reducedTo?.width ?? [])
    // int(112 * 0.5) and int(112 * 0.8).
    expect([Math.min(...sides), Math.max(...sides)]).toEqual([56, 89])
    const radii = drawn.flatMap(({ blurRadius }) => blurRadius ?? [])
    expect(new Set(radii)).toEqual(new Set([1, 2]))
    expectPart(radii.filter((radius) => radius === 1).length / radii.length, 0.5, radii.length)
    const hues = drawn.flatMap(({ colour }) => colour?.hue ?? [])
    const saturations = drawn.flatMap(({ colour }) => colour?.saturation ?? [])
    for (const [values, low, high] of [
      [sides, 56, 89],
      [hues, 0, 20],
      [saturations, 1, 1.2],
    ] as const) {
      expect(values.every((value) => value >= low && value <= high)).toBe(true)
      const middle = values.filter((value) => value < (low + high) / 2).length / values.length
      expectPart(middle, 0.5, values.length)
    }
  })

  it('gives height and width one scale', () => {
    const wide = new DistortionSampler({
      seed: 5,
      steps: { flip: 0.5, resize: { probability: 1, scale: [0.5, 0.8] } },
      height: 56,
      width: 112,
    })
    for (const distortion of wide.batch({ epoch: 0, step: 0 }, 100)) {
      const { width, height } = distortion!.reducedTo!
      expect(Math.abs(width - 2 * height)).toBeLessThan(3)
    }
  })

  it('draws the same at a step, and the more images the same at first', () => {
    const at = { epoch: 1, step: 3 }
    expect(sampler(dali).batch(at, 64)).toEqual(sampler(dali).batch(at, 128).slice(0, 64))
    const others = [sampler(dali, 6).batch(at, 64), sampler(dali).batch({ epoch: 1, step: 4 }, 64)]
    for (const other of others) expect(other).not.toEqual(sampler(dali).batch(at, 64))
  })

  it("leaves the other steps' draws alone where one is left out", () => {
    const { blur: _, ...rest } = dali
    expect(draws(rest)).toEqual(drawn.map(({ blurRadius: _, ...others }) => others))
  })

  it('does nothing with probability 0, all with 1', () => {
    const all = { resize: { ...dali.resize!, probability: 1 }, blur: { ...dali.blur!, probability: 1 } }
    const taken = (steps: AugmentationSteps) => new Set(draws(steps).map((d) => Object.keys(d).join()))
    expect(taken({ flip: 0.5, ...all, gray: 1 })).toEqual(new Set(['reducedTo,blurRadius,gray']))
    expect(taken({ flip: 0.5, gray: 0 })).toEqual(new Set(['']))
  })
})
