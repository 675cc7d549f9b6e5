import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { lookAhead } from '../../../src/training/loading/look-ahead.js'

/** Numbers, with a note of each that is made and of the end. */
async function* numbers(count: number, notes: string[], broken?: number): AsyncGenerator<number> {
  try {
    for (let number = 0; number < count; number++) {
      notes.push(`make ${number}`)
      if (number === broken) throw new Error(`${number} is broken`)
      yield number
    }
  } finally {
    notes.push('end')
  }
}

describe('looking ahead', () => {
  it('gives items in order, and shows one before its turn where it is asked for', async () => {
    const notes: string[] = []
    for await (const { item, whenNext } of lookAhead(numbers(3, notes))) {
      if (item !== 1) whenNext((next) => notes.push(`see ${next}`))
      await turn()
      notes.push(`use ${item}`)
    }
    expect(notes).toEqual([...['make 0', 'make 1', 'see 1', 'use 0', 'use 1', 'make 2', 'end', 'use 2']])
  })

  it('shows one that is late before it gives it', async () => {
    const notes: string[] = []
    const late = async function* () {
      for await (const number of numbers(3, [])) {
        await turn()
        yield number
      }
    }
    for await (const { item, whenNext } of lookAhead(late())) {
      whenNext((next) => notes.push(`see ${next}`))
      notes.push(`use ${item}`)
    }
    expect(notes).toEqual(['use 0', 'see 1', 'use 1', 'see 2', 'use 2'])
  })

  it.each([
    ['it', 2, () => {}],
    [
      'what looks at it',
      undefined,
      (next: number) => {
        if (next === 2) throw new Error('2 is broken')
      },
    ],
  ])('throws what is wrong with %s when an item is due', async (_, broken, look) => {
    const used: number[] = []
    const run = async () => {
      for await (const { item, whenNext } of lookAhead(numbers(4, [], broken))) {
        whenNext(look)
        await turn()
        used.push(item)
      }
    }
    await expect(run()).rejects.toThrow('2 is broken')
    expect(used).toEqual([0, 1])
  })

  it('ends what it reads from where the reader stops', async () => {
    const notes: string[] = []
    for await (const { whenNext } of lookAhead(numbers(4, notes))) {
      whenNext(() => notes.push('seen'))
      break
    }
    expect(notes).toEqual(['make 0', 'make 1', 'seen', 'end'])
  })
})
