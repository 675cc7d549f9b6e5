import type { CentreSampler } from './centre-sampler.js'
import type { Batch } from './loader.js'

/**
 * PartialFC: the class centres of a step. Steps whose gradients make one update together work with the same ones, which
 * are those of the labels of all their batches.
 * @param labelsAt labels of the batch at a place in the order of images
 */
export function centresOfUpdates(
  sampler: CentreSampler,
  { gradientAccumulation, shift }: { gradientAccumulation: number; shift: number },
  labelsAt: (place: number) => Int32Array,
): (batch: Batch) => Int32Array {
  let drawn: { update: number; centres: Int32Array } | undefined
  return (batch) => {
    const step = batch.step - shift
    const update = Math.floor(step / gradientAccumulation)
    if (drawn?.update !== update) {
      const places = Array.from(
        { length: gradientAccumulation },
        (_, index) => update * gradientAccumulation + index + shift,
      )
      const labels = places.flatMap((place) => {
        if (place === batch.step) return [...batch.labels]
        return place < 0 ? [] : [...labelsAt(place)]
      })
      drawn = { update, centres: sampler.draw(update, Int32Array.from(labels)) }
    }
    return drawn.centres
  }
}
