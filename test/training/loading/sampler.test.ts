import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Sampler } from '../../../src/training/loading/sampler.js'

const options = { images: 23, batchSize: 5, seed: 7, flip: 0.5 }

describe('sampler', () => {
  it('gives a batch that depends on seed and step alone', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { minLength: 1 }), fc.nat(), (steps, seed) => {
        const sampler = new Sampler({ ...options, seed })
        for (const step of steps) {
          expect(sampler.batch(step)).toEqual(new Sampler({ ...options, seed }).batch(step))
        }
      }),
    )
  })

  it('uses an image at most once an epoch and drops what does not fill a batch', () => {
    const sampler = new Sampler(options)
    for (const epoch of [0, 1, 2]) {
      const batches = [0, 1, 2, 3].map((step) => sampler.batch(4 * epoch + step))
      const positions = batches.flatMap((batch) => [...batch.positions])
      expect(new Set(positions).size).toBe(20)
      expect(positions.every((position) => position < 23)).toBe(true)
      expect(batches.every((batch) => batch.epoch === epoch && batch.positions.length === 5)).toBe(true)
    }
  })

  it('draws another order and other flips for another epoch and another seed', () => {
    const first = new Sampler({ images: 64, batchSize: 64, seed: 1, flip: 0.5 })
    const batches = [
      first.batch(0),
      first.batch(1),
      new Sampler({ images: 64, batchSize: 64, seed: 2, flip: 0.5 }).batch(0),
    ]
    expect(new Set(batches.map((batch) => batch.positions.join())).size).toBe(3)
    expect(new Set(batches.map((batch) => batch.flips.join())).size).toBe(3)
  })

  it('mirrors half of the images', () => {
    const sampler = new Sampler({ images: 1000, batchSize: 1000, seed: 3, flip: 0.5 })
    const flips = Array.from({ length: 10 }, (_, step) => [...sampler.batch(step).flips]).flat()
    const mirrored = flips.filter((flip) => flip === 1).length
    // 10,000 fair coins: five standard deviations are 250.
    expect(Math.abs(mirrored - 5000)).toBeLessThan(250)
    expect(flips.every((flip) => flip === 0 || flip === 1)).toBe(true)
  })

  it('mirrors the images that it always mirrored for a seed', () => {
    const { flips } = new Sampler({ images: 16, batchSize: 16, seed: 2048, flip: 0.5 }).batch(0)
    expect(flips.join('')).toBe('1100010010001100')
  })

  it('mirrors as many as the probability says, the same ones and more where it is higher', () => {
    const flips = [0, 0.1, 0.5, 1].map(
      (flip) => new Sampler({ images: 10_000, batchSize: 10_000, seed: 3, flip }).batch(0).flips,
    )
    const counts = flips.map((batch) => batch.filter((flipped) => flipped === 1).length)
    expect([counts[0], counts[3]]).toEqual([0, 10_000])
    expect(Math.abs(counts[1]! - 1000)).toBeLessThan(150)
    expect(flips[1]!.every((flipped, i) => flipped <= flips[2]![i]!)).toBe(true)
  })
})
