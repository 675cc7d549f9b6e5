import { afterAll, describe, expect, it } from 'vitest'
import {
  CentreSums,
  type Centres,
  defaultRule,
  findMatches,
  type IdentityMatch,
  NearestSearch,
  refuseChains,
} from '../../src/identities/index.js'
import { Random } from '../../src/random/random.js'

const SIZE = 128
const search = new NearestSearch(1)
afterAll(() => search.close())

/**
 * Photos of people: a direction of each person's, and noise. @param people numbers; one that is a list is a folder of
 * photos of many
 */
function centresOf(people: (number | number[])[], photos: number, noise: number, seed: number): Centres {
  const sums = new CentreSums(people.length, SIZE)
  for (const [label, who] of people.entries()) {
    for (let photo = 0; photo < photos; photo++) {
      const person = typeof who === 'number' ? who : who[photo % who.length]!
      const direction = new Random(7, person)
      const random = new Random(seed, label, photo)
      sums.add(
        label,
        Float32Array.from({ length: SIZE }, () => direction.normal() + noise * random.normal()),
      )
    }
  }
  return sums.finish()
}

const find = (inputs: Centres[]) => findMatches(search, inputs, 'merge', { rule: defaultRule })
const merged = (matches: IdentityMatch[]) =>
  matches
    .filter(({ action }) => action === 'merge')
    .map(({ a, b }) => `${a.input}:${a.label} ${b.input}:${b.label}`)
    .sort()

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('findMatches', () => {
  it('finds the people that two datasets share, and nobody else', async () => {
    const a = centresOf(range(0, 100), 4, 0.6, 1)
    const b = centresOf([...range(98, 200)], 4, 0.6, 2)
    expect(merged(await find([a, b]))).toEqual(['0:98 1:0', '0:99 1:1'])
  })

  it('lowers the threshold where the datasets share nearly everybody, so that single photos are found', async () => {
    const everybody = range(0, 200)
    const [a, b] = [centresOf(everybody, 1, 0.9, 1), centresOf(everybody, 1, 0.9, 2)]
    const matches = (await find([a, b])).filter(({ action }) => action === 'merge')
    const right = matches.filter((match) => match.a.label === match.b.label)
    expect(right.some(({ score }) => score! < defaultRule.threshold)).toBe(true)
    expect(right.length).toBeGreaterThanOrEqual(198)
    expect(matches.length - right.length).toBeLessThanOrEqual(2)
    const few = centresOf([...range(0, 5), ...range(200, 395)], 1, 0.9, 3)
    const found = (await find([a, few])).filter(({ action }) => action === 'merge')
    expect(found.filter((match) => match.a.label !== match.b.label)).toEqual([])
  })

  it('within a dataset asks for more', async () => {
    const twice = centresOf([...range(0, 50), 7], 6, 0.4, 1)
    expect(merged(await find([twice, centresOf([99], 2, 0.4, 2)]))).toEqual(['0:7 0:50'])
  })

  it('does not take two folders of many people for one person', async () => {
    const crowd = range(300, 340)
    const alike = centresOf([...range(0, 20), crowd, crowd], 40, 0.4, 1)
    const matches = await find([alike, centresOf([99], 2, 0.4, 2)])
    expect(merged(matches)).toEqual([])
    expect(matches.find(({ b }) => b.label === 21)).toMatchObject({
      action: 'keep',
      reason: 'their photos are not alike',
    })
  })

  it('passes over identities without images, and shows doubtful matches first', async () => {
    const a = new CentreSums(3, SIZE)
    a.add(
      1,
      Float32Array.from({ length: SIZE }, (_, i) => i),
    )
    const b = new CentreSums(2, SIZE)
    b.add(
      0,
      Float32Array.from({ length: SIZE }, (_, i) => i + 1),
    )
    expect(merged(await find([a.finish(), b.finish()]))).toEqual(['0:1 1:0'])
    const scores = (await find([centresOf(range(0, 60), 2, 0.8, 1), centresOf(range(0, 60), 2, 0.8, 2)])).map(
      ({ score, a, b }) => [a.input === b.input, score!] as const,
    )
    const across = scores.filter(([within]) => !within).map(([, score]) => score)
    expect(across.at(-1)).toBe(Math.max(...across))
  })
})

describe('refuseChains', () => {
  const match = (a: [number, number], b: [number, number], score: number): IdentityMatch => ({
    a: { input: a[0], label: a[1] },
    b: { input: b[0], label: b[1] },
    score,
    action: 'merge',
    reason: '',
  })

  it('keeps two identities of one dataset apart that only others join', () => {
    const chain = [match([0, 0], [1, 0], 0.9), match([1, 0], [2, 0], 0.8), match([0, 1], [2, 0], 0.7)]
    expect(refuseChains(chain).map(({ action }) => action)).toEqual(['merge', 'merge', 'keep'])
    const joined = [...chain, match([0, 0], [0, 1], 0.95)]
    expect(refuseChains(joined).map(({ action }) => action)).toEqual(['merge', 'merge', 'merge', 'merge'])
  })

  it('does not take a pair that was refused for one that is matched', () => {
    const refused: IdentityMatch = { ...match([0, 0], [0, 1], 0.7), action: 'keep' }
    const chain = [match([0, 0], [1, 0], 0.9), match([1, 0], [2, 0], 0.8), match([0, 1], [2, 0], 0.7)]
    expect(refuseChains([refused, ...chain]).map(({ action }) => action)).toEqual([
      ...['keep', 'merge', 'merge', 'keep'],
    ])
  })

  it('leaves what others have joined already', () => {
    const triangle = [match([0, 0], [1, 0], 0.9), match([1, 0], [2, 0], 0.8), match([0, 0], [2, 0], 0.7)]
    expect(refuseChains(triangle)).toEqual(triangle)
  })

  it('takes matches by score, whatever their order, and returns them in the order given', () => {
    const chain = [match([0, 1], [2, 0], 0.7), match([1, 0], [2, 0], 0.8), match([0, 0], [1, 0], 0.9)]
    expect(refuseChains(chain).map(({ action }) => action)).toEqual(['keep', 'merge', 'merge'])
  })
})
