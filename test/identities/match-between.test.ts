import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { countFrom, mutualScores } from '../../src/identities/centre-match.js'
import { type Centres, NearestSearch } from '../../src/identities/index.js'
import { type MatchSide, matchBetween } from '../../src/identities/match-between.js'

const search = new NearestSearch(1)
afterAll(() => search.close())

const PEOPLE = 100
const rule = { threshold: 0.8, within: 0.1, wrongShare: 0.01, lowest: 0.3, photos: 0 }

/** Two datasets of as many people, whose centres have these scores with their own of the other, and 0 with all else. */
function datasets(scores: number[]): [Centres, Centres] {
  const size = 2 * PEOPLE
  const centres = (place: (row: Float32Array, person: number) => void): Centres => {
    const values = new Float32Array(new SharedArrayBuffer(4 * PEOPLE * size))
    for (let person = 0; person < PEOPLE; person++) {
      place(values.subarray(person * size, (person + 1) * size), person)
    }
    const [images, cohesion] = [new Uint32Array(PEOPLE).fill(1), new Float32Array(PEOPLE).fill(1)]
    return { count: PEOPLE, size, values, images, cohesion }
  }
  return [
    centres((row, person) => {
      row[person] = 1
    }),
    centres((row, person) => {
      const score = scores[person] ?? 0
      row[person] = score
      row[PEOPLE + person] = Math.sqrt(1 - score ** 2)
    }),
  ]
}

/** `count` identities that are alike within their dataset, by 0.6 and more. */
const alike = (count: number) => new Float32Array(count).fill(0.65)

describe('the threshold between datasets', () => {
  const scores = [0.6, ...Array<number>(90).fill(0.9)]
  const [a, b] = datasets(scores)
  const match = async (ownA: number, ownB: number) => {
    const sides: [MatchSide, MatchSide] = [
      { centres: a, own: alike(ownA) },
      { centres: b, own: alike(ownB) },
    ]
    const { accepted, threshold } = await matchBetween(search, ...sides, { rule })
    return { found: accepted.length, threshold: Math.round(1000 * threshold) / 1000 }
  }

  // 91 of 100 matched leave 9, and 3 for what was not seen. 4 alike, and again 3, make a wrong match 0.07 likely:
  // (9 + 3) / 0.93 * 0.07 = 0.903 wrong ones, below 1 % of 91. With 5 alike: (9 + 3) / 0.92 * 0.08 = 1.043.
  it.each([
    [4, 4, { found: 91, threshold: 0.6 }],
    [5, 5, { found: 90, threshold: 0.8 }],
    [0, 5, { found: 90, threshold: 0.8 }],
    [5, 0, { found: 90, threshold: 0.8 }],
    [97, 0, { found: 90, threshold: 0.8 }],
  ])('with %i and %i people alike within them', async (ownA, ownB, expected) => {
    expect(await match(ownA, ownB)).toEqual(expected)
  })
})

it('goes on among those who are not matched yet', async () => {
  const atDegrees = (...degrees: number[]): MatchSide => {
    const values = new Float32Array(new SharedArrayBuffer(8 * degrees.length))
    for (const [row, angle] of degrees.entries()) {
      values.set([Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)], 2 * row)
    }
    const [images, cohesion] = [new Uint32Array([1, 1]), new Float32Array([1, 1])]
    return { centres: { count: degrees.length, size: 2, values, images, cohesion }, own: new Float32Array() }
  }
  // The nearest of both of the left is the first of the right, which is nearer to the first of the left.
  const { accepted } = await matchBetween(search, atDegrees(0, 20), atDegrees(5, 40), { rule })
  expect(accepted.map(({ a, b }) => [a, b])).toEqual([
    [0, 0],
    [1, 1],
  ])
})

describe('scores within a dataset', () => {
  it('are those of each other’s nearest, the best first', () => {
    const best = {
      positions: Int32Array.of(1, 0, 0, 4, 3, -1),
      scores: Float32Array.of(0.25, 0.25, 0.125, 0.5, 0.5, -Infinity),
    }
    expect([...mutualScores(best)]).toEqual([0.5, 0.5, 0.25, 0.25])
  })

  it('are counted from any score', () => {
    const halves = fc.integer({ min: -4, max: 4 }).map((value) => value / 2)
    fc.assert(
      fc.property(fc.array(halves), halves, (scores, score) => {
        const descending = Float32Array.from(scores).sort().reverse()
        expect(countFrom(descending, score)).toBe(scores.filter((each) => each >= score).length)
      }),
    )
  })
})
