import { beforeEach, describe, expect, it } from 'vitest'
import { PhotoOrder } from '../../src/browser/people/photo-order.js'
import { PhotosByLabel } from '../../src/browser/people/photos-by-label.js'

const MANY = 100_000
const FEW = 10

/** Person 0 has few photos, person 1 many; they stand in turns as long as there are any of both. */
const labels = Int32Array.from({ length: FEW + MANY }, (_, i) => Number(i % 2 === 1 || i >= 2 * FEW))

let looks: { places: number; findings: number; likeness: number[] }

class WatchedPhotos extends PhotosByLabel {
  override at(label: number, place: number): number {
    looks.places++
    return super.at(label, place)
  }
}

const photos = new WatchedPhotos(labels, 2)
let order: PhotoOrder

beforeEach(() => {
  looks = { places: 0, findings: 0, likeness: [] }
  order = new PhotoOrder({
    photos,
    async likenessOf(label) {
      looks.likeness.push(label)
      // The later the less alike; the first has no embedding.
      return Float64Array.from({ length: photos.count(label) }, (_, i) => (i === 0 ? Number.NaN : -i))
    },
    findingsAt(position) {
      looks.findings++
      return Number(position % 1000 === 999)
    },
  })
})

/** What was looked at for a window. */
async function looksFor(label: number, sort: 'file' | 'similarity' | 'noise', from = 0) {
  looks = { places: 0, findings: 0, likeness: [] }
  const shown = await order.window(label, { sort, from, count: FEW })
  return { looks, shown }
}

describe('a window of photos', () => {
  it('of a person with very many is looked for no longer than of one with few', async () => {
    await order.window(0, { sort: 'file', from: 0, count: FEW })
    const few = await looksFor(0, 'file')
    const many = await looksFor(1, 'file', MANY - FEW)
    expect(few.looks).toEqual({ places: FEW, findings: 0, likeness: [] })
    expect(many.looks).toEqual(few.looks)
    expect([...many.shown.positions]).toEqual(Array.from({ length: FEW }, (_, i) => MANY + i))
    expect(many.shown.likeness).toBeUndefined()
  })

  it.each(['similarity', 'noise'] as const)('in the order by %s looks at all photos once', async (sort) => {
    const first = await looksFor(1, sort)
    expect(first.looks[sort === 'noise' ? 'findings' : 'likeness']).toEqual(sort === 'noise' ? MANY : [1])
    const second = await looksFor(1, sort, 20)
    expect(second.looks).toEqual({ places: FEW, findings: 0, likeness: [] })
    expect(second.shown.positions).not.toEqual(first.shown.positions)
  })

  it('by likeness begins with those that are least like the others; in file order it is then known too', async () => {
    const { shown } = await looksFor(1, 'similarity')
    expect([...shown.likeness!]).toEqual(Array.from({ length: FEW }, (_, i) => i + 1 - MANY))
    const last = await looksFor(1, 'similarity', MANY - 1)
    expect([...last.shown.positions]).toEqual([photos.first(1)])
    const inFile = await looksFor(1, 'file', 5)
    expect([...inFile.shown.likeness!]).toEqual(Array.from({ length: FEW }, (_, i) => -5 - i))
  })

  it('by findings begins with those, and follows findings that came', async () => {
    const { shown } = await looksFor(1, 'noise')
    expect([...shown.positions]).toEqual(Array.from({ length: FEW }, (_, i) => 1000 * i + 999))
    expect((await looksFor(1, 'noise')).looks.findings).toBe(0)
    order.forgetFindings()
    expect((await looksFor(1, 'noise')).looks.findings).toBe(MANY)
  })

  it('past the end is empty', async () => {
    expect((await looksFor(0, 'file', 20)).shown.positions).toHaveLength(0)
  })
})
