import { describe, expect, it } from 'vitest'
import { CentreSampler } from '../../../src/training/loading/centre-sampler.js'
import type { Batch } from '../../../src/training/loading/loader.js'
import { centresOfUpdates } from '../../../src/training/loading/update-centres.js'

const sampler = new CentreSampler({ seed: 1, classes: 1000, rate: 0.01, imagesPerStep: 4 })
const labelsAt = (place: number) => Int32Array.of(10 * place, 10 * place + 1)

function batchAt(place: number): Batch {
  const images = new Uint8Array()
  return { step: place, epoch: 0, positions: new Uint32Array(), images, labels: labelsAt(place) }
}

function centresOf(places: number[], { gradientAccumulation = 2, shift = 0 } = {}): Int32Array[] {
  const centres = centresOfUpdates(sampler, { gradientAccumulation, shift }, labelsAt)
  return places.map((place) => centres(batchAt(place)))
}

describe('the class centres of an update', () => {
  it('are those of the labels of all its batches, the same for each of its steps', () => {
    const [first, second, third] = centresOf([0, 1, 2])
    expect([...first!]).toEqual(expect.arrayContaining([0, 1, 10, 11]))
    expect(second).toEqual(first)
    expect(third).not.toEqual(first)
  })

  it('are the same for a run that goes on in the middle of an update', () => {
    expect(centresOf([5])).toEqual(centresOf([4, 5]).slice(1))
  })

  it('belong to steps, which other batches have moved away from their places', () => {
    // Step 3 lies at place 4: with step 2, at place 3, it makes an update.
    const [step3] = centresOf([4], { shift: 1 })
    expect([...step3!]).toEqual(expect.arrayContaining([30, 31, 40, 41]))
    expect(centresOf([0], { shift: -1 })[0]!.length).toBe(sampler.count)
  })

  it('are drawn for each step where a step is an update', () => {
    const [first, second] = centresOf([0, 1], { gradientAccumulation: 1 })
    expect(second).not.toEqual(first)
  })
})
