import { describe, expect, it } from 'vitest'
import { RecordKeys } from '../../src/dataset/index.js'
import { packImageHeader } from '../../src/recordio/index.js'

interface Given {
  id: number | bigint
  /** Of a record without an image. */
  numbers?: [number, number]
}

function keysOf(given: Given[]): RecordKeys {
  const keys = new RecordKeys()
  for (const [i, { id, numbers }] of given.entries()) {
    const header =
      numbers === undefined
        ? packImageHeader({ label: 0, id: BigInt(id) })
        : packImageHeader({ label: 0, id: BigInt(id), labels: Float32Array.from(numbers) })
    const payload = numbers === undefined ? Buffer.concat([header, Buffer.from('image')]) : header
    keys.add({ offset: 100 * i, end: 100 * (i + 1), payload })
  }
  return keys
}

const images = (...ids: (number | bigint)[]): Given[] => ids.map((id) => ({ id }))

/** Of two and one images: header, then the ranges of two identities. */
const ranges = (ids: [number, number, number]): Given[] => [
  { id: ids[0], numbers: [4, 6] },
  { id: ids[1], numbers: [1, 3] },
  { id: ids[2], numbers: [3, 4] },
]

describe('keys of records', () => {
  it('are the ids in their headers where these are distinct', () => {
    const keys = keysOf([...images(1, 2, 3), ...ranges([0, 4, 5])])
    expect(keys.areIds).toBe(true)
    expect([...keys.index().keys]).toEqual([1, 2, 3, 0, 4, 5])
    expect([...keys.index().offsets]).toEqual([0, 100, 200, 300, 400, 500])
    expect([keys.records, keys.images, keys.haveRanges, keys.lostImages]).toEqual([6, 3, true, 0])
    expect([...keys.index('images').keys]).toEqual([1, 2, 3])
    expect([...keys.index('images').offsets]).toEqual([0, 100, 200])
    expect([...keysOf(images(7, 3, 5)).index().keys]).toEqual([7, 3, 5])
  })

  it.each<[string, Given[]]>([
    ['equal', images(0, 0, 0)],
    ['more than 32 bits', images(1, 2n ** 32n, 2)],
    ['more than 53 bits', images(1, 2n ** 64n - 1n, 2)],
  ])('are positions where ids are %s', (_, given) => {
    const keys = keysOf(given)
    expect(keys.areIds).toBe(false)
    expect([...keys.index().keys]).toEqual([0, 1, 2])
    expect(keys.haveRanges).toBe(false)
  })

  it.each<[string, Given[], number[]]>([
    ['last', [...images(0, 0, 0), ...ranges([0, 0, 0])], [1, 2, 3, 0, 4, 5]],
    ['first', [...ranges([0, 0, 0]), ...images(0, 0, 0)], [0, 4, 5, 1, 2, 3]],
  ])("have insightface's order where its header tells of it, numbers %s", (_, given, expected) => {
    const keys = keysOf(given)
    expect([...keys.index().keys]).toEqual(expected)
    expect([keys.images, keys.haveRanges]).toEqual([3, true])
  })

  it('tell of images that the header counts and that are not there, and then have no ranges', () => {
    for (const ids of [
      [0, 4, 5],
      [0, 0, 0],
    ] as [number, number, number][]) {
      const keys = keysOf([...images(1, 2), ...ranges(ids)])
      expect([keys.images, keys.lostImages, keys.haveRanges]).toEqual([2, 1, false])
      expect(keys.index('images').keys.length).toBe(2)
    }
  })

  it('have no ranges where the header is lost', () => {
    const keys = keysOf([...images(1, 2, 3), ...ranges([0, 4, 5]).slice(1)])
    expect([keys.lostImages, keys.haveRanges]).toEqual([0, false])
  })

  it('of a header beyond 2^24, which is rounded, are as the ids say', () => {
    const keys = keysOf([
      ...images(1, 2),
      { id: 0, numbers: [2 ** 25, 2 ** 25 + 4] },
      { id: 3, numbers: [1, 3] },
    ])
    expect([keys.lostImages, keys.haveRanges]).toEqual([0, true])
  })
})
