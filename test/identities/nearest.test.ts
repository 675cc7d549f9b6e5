import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { type Best, mergeBest, noBest } from '../../src/identities/best.js'
import { NearestSearch, type VectorSet } from '../../src/identities/index.js'
import { Random } from '../../src/random/random.js'

const search = new NearestSearch(2)
afterAll(() => search.close())

/** Vectors in random directions. */
function vectors(count: number, size: number, seed: number): VectorSet {
  const random = new Random(seed)
  const values = new Float32Array(new SharedArrayBuffer(4 * count * size))
  for (let row = 0; row < count; row++) {
    const vector = Array.from({ length: size }, () => random.normal())
    const length = Math.hypot(...vector)
    values.set(
      vector.map((value) => value / length),
      row * size,
    )
  }
  return { count, size, values }
}

function nearestOf(a: VectorSet, row: number, b: VectorSet, except = -1): number {
  const score = (other: number) => {
    let sum = 0
    for (let i = 0; i < a.size; i++) sum += a.values[row * a.size + i]! * b.values[other * a.size + i]!
    return sum
  }
  const others = Array.from({ length: b.count }, (_, other) => other).filter((other) => other !== except)
  return others.reduce((best, other) => (score(other) > score(best) ? other : best))
}

describe('NearestSearch', () => {
  it('finds the nearest of both sides, beyond one block', async () => {
    const [a, b] = [vectors(1100, 8, 1), vectors(1030, 8, 2)]
    const found = await search.between(a, b)
    for (const row of [0, 1, 500, 1023, 1024, 1099]) {
      expect(found.a.positions[row]).toBe(nearestOf(a, row, b))
    }
    for (const row of [0, 1, 500, 1023, 1024, 1029]) {
      expect(found.b.positions[row]).toBe(nearestOf(b, row, a))
    }
  })

  it('within a set finds the nearest other one', async () => {
    const set = vectors(1100, 8, 3)
    const found = await search.within(set)
    for (const row of [0, 1, 700, 1023, 1024, 1099]) {
      expect(found.positions[row]).toBe(nearestOf(set, row, set, row))
    }
  })

  it('gives the same bits whatever the threads, and the first of equals', async () => {
    const alone = new NearestSearch(1)
    const [a, b] = [vectors(1500, 8, 4), vectors(1500, 8, 5)]
    expect(await alone.between(a, b)).toEqual(await search.between(a, b))
    await alone.close()
    const twins = vectors(3, 8, 6)
    twins.values.copyWithin(16, 8, 16)
    const found = await search.between(twins, twins)
    expect([...found.a.positions]).toEqual([0, 1, 1])
    expect([...found.b.positions]).toEqual([0, 1, 1])
  })

  it('has nothing to find in an empty set', async () => {
    const found = await search.between(vectors(2, 8, 1), vectors(0, 8, 1))
    expect([...found.a.positions]).toEqual([-1, -1])
  })
})

it('the best of several strips is the same in whatever order they end: the first of the highest', () => {
  const score = fc.integer({ min: -2, max: 2 }).map((value) => value / 2)
  const strips = fc.uniqueArray(fc.tuple(fc.nat(5), score), { selector: ([position]) => position })
  fc.assert(
    fc.property(strips, (found) => {
      const best = noBest(2)
      for (const [position, score] of found) {
        const strip: Best = { positions: Int32Array.of(position), scores: Float32Array.of(score) }
        mergeBest(best, strip, 1)
      }
      mergeBest(best, noBest(1), 1)
      const highest = Math.max(-2, ...found.map(([, score]) => score))
      const first = Math.min(...found.filter(([, score]) => score === highest).map(([position]) => position))
      expect([...best.positions]).toEqual([-1, found.length === 0 ? -1 : first])
      expect([...best.scores]).toEqual([-2, highest])
    }),
  )
})
