import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { PeopleOrder } from '../../src/browser/people/people-order.js'
import { sortInTurns } from '../../src/browser/people/sort-in-turns.js'
import { InputError } from '../../src/errors/index.js'
import { Random } from '../../src/random/random.js'

function orderOf(
  names: (string | undefined)[],
  valuesOf = async (): Promise<number[]> => names.map(() => 0),
) {
  return new PeopleOrder({ names, images: names.map((_, label) => label % 3), valuesOf })
}

/** How often other work had its turn until something was done. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0
  let done = false
  const ended = work.finally(() => (done = true))
  while (!done) {
    await setImmediate()
    turns++
  }
  await ended
  return turns
}

describe('people that are searched for', () => {
  it('are found by a whole number as a label, and by nothing that only reads like one', async () => {
    const names = Array.from({ length: 20 }, (_, label) => (label === 7 ? 'no #1' : `p${label}`))
    const order = orderOf(names)
    expect([...(await order.find('#', 'label'))]).toEqual([7])
    expect([...(await order.find('#1', 'label'))]).toEqual([1])
    expect([...(await order.find('1e1', 'label'))]).toEqual([])
    expect([...(await order.find('0x3', 'label'))]).toEqual([])
    expect([...(await order.find('12', 'label'))]).toEqual([12])
    expect([...(await order.find('5', 'most'))]).toEqual([5, 15])
    expect([...(await order.find('99', 'label'))]).toEqual([])
  })

  it('stand in the order that is asked for, the label first', async () => {
    const order = orderOf(['b1', 'c 1', 'a-1', undefined, 'x'])
    expect([...(await order.find('1', 'name'))]).toEqual([1, 2, 0])
    expect([...(await order.find('', 'name'))]).toEqual([2, 0, 1, 4, 3])
  })
})

describe('an order', () => {
  it('that could not be had is tried again', async () => {
    let fails = true
    const order = orderOf(['a', 'b'], async () => {
      if (fails) throw new InputError({ problem: 'not yet' })
      return [1, 2]
    })
    await expect(order.find('', 'noise')).rejects.toThrow('not yet')
    await expect(order.find('a', 'noise')).rejects.toThrow('not yet')
    fails = false
    expect([...(await order.find('', 'noise'))]).toEqual([1, 0])
  })

  it('is made and searched while the server does other work', async () => {
    const random = new Random(1)
    const names = Array.from({ length: 60_000 }, () => `Person_${random.integer(1e9).toString(36)}`)
    const order = orderOf(names)
    expect(await turnsDuring(order.find('', 'name'))).toBeGreaterThan(5)
    expect(await turnsDuring(order.find('7a', 'name'))).toBeGreaterThan(1)
    const { compare } = new Intl.Collator('en', { numeric: true })
    const expected = names.map((_, label) => label).sort((a, b) => compare(names[a]!, names[b]!) || a - b)
    expect([...(await order.find('', 'name'))]).toEqual(expected)
  })
})

describe('sortInTurns', () => {
  it.each([0, 1, 511, 512, 513, 1024, 5000])('sorts %i labels', async (length) => {
    const random = new Random(length)
    const values = Array.from({ length }, () => random.integer(100))
    const compare = (a: number, b: number) => values[a]! - values[b]! || a - b
    const labels = Uint32Array.from(values.keys())
    const expected = [...labels].sort(compare)
    expect([...(await sortInTurns(labels, compare))]).toEqual(expected)
  })

  it('compares those that are in order once', async () => {
    let compared = 0
    const sorted = await sortInTurns(
      Uint32Array.from({ length: 10_000 }, (_, i) => i),
      (a, b) => {
        compared++
        return a - b
      },
    )
    expect([...sorted.slice(0, 3)]).toEqual([0, 1, 2])
    expect(compared).toBeLessThan(10_100)
  })
})
