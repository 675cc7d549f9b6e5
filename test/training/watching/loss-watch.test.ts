import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/random/random.js'
import { type Explosion, LossWatch } from '../../../src/training/watching/loss-watch.js'

/** ln 1000 + 32, and 64 - ln 128 more. */
const CHANCE = 38.9
const NOISE = 98.1

/** The first explosion of a run with these losses, and the step at which it is told. */
function watch(losses: readonly number[]): (Explosion & { step: number }) | undefined {
  const lossWatch = new LossWatch({ classes: 1000, scale: 64 })
  for (const [i, loss] of losses.entries()) {
    const step = i + 1
    const explosion = lossWatch.add({ step, loss, gradientNorm: 1 })
    if (explosion !== undefined) return { ...explosion, step }
  }
  return undefined
}

const line = (from: number, to: number, steps: number) =>
  Array.from({ length: steps }, (_, i) => from + ((to - from) * i) / steps)

const noisy = (losses: readonly number[]) => {
  const random = new Random(1)
  return losses.map((loss) => loss + 3 * random.normal())
}

describe('loss watch', () => {
  it('lets a loss rise in a warm-up, stay far above chance for long, and fall', () => {
    expect(watch(noisy([...line(42, 60, 300), ...line(60, 60, 2000), ...line(60, 3, 1000)]))).toBeUndefined()
    // Means of 5 steps of a real run whose rate was 30 times too high: it recovered.
    const recovered = [45.9, 52.1, 48.8, 48.6, 47.7, 43.8, 41.3, 38.3, 36.7, 36.7, 35.7, 35.8, 34.7, 35.7, 37]
    expect(watch(recovered.flatMap((loss) => line(loss, loss, 5)))).toBeUndefined()
  })

  it('lets a learned loss double and fall back', () => {
    const learned = line(42, 15, 500)
    expect(watch(noisy([...learned, ...line(15, 30, 100), ...line(30, 10, 100)]))).toBeUndefined()
  })

  it('lets single batches be as wrong as can be', () => {
    const losses = noisy(line(10, 10, 400)).map((loss, i) => (i % 50 === 49 ? 2 * 64 + 32 + 7 : loss))
    expect(watch([...line(42, 10, 100), ...losses])).toBeUndefined()
  })

  it('tells of a run that loses what it had learned', () => {
    const exploded = watch([...line(42, 12, 300), ...line(12, 60, 40), ...line(60, 60, 100)])
    expect(exploded).toMatchObject({
      loss: expect.closeTo(CHANCE, 0),
      meaning: 'it was 12.9 at step 302, and a network that has learned nothing gives 38.9',
    })
    expect(exploded!.since).toBe(exploded!.step - 19)
    expect(exploded!.step).toBeGreaterThan(320)
    expect(exploded!.step).toBeLessThan(345)
  })

  it('tells of cosines worse than drawn at random, from the start on', () => {
    expect(watch(line(NOISE - 0.2, NOISE - 0.2, 500))).toBeUndefined()
    expect(watch(line(NOISE + 0.2, NOISE + 0.2, 500))).toMatchObject({
      step: 20,
      since: 1,
      meaning: 'cosines drawn at random give 98.1',
    })
  })

  it('has the level of cosines drawn at random from the softmax itself', () => {
    const random = new Random(3)
    let sum = 0
    const rounds = 400
    for (let round = 0; round < rounds; round++) {
      const logits = Array.from({ length: 1000 }, () => 64 * (2 * random.uniform() - 1))
      const target = logits[0]! - 32
      sum += Math.log(logits.reduce((total, logit) => total + Math.exp(logit), 0)) - target
    }
    expect(Math.abs(sum / rounds - NOISE)).toBeLessThan(8)
  })
})
