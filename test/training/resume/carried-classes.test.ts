import { describe, expect, it } from 'vitest'
import { carryByName, carryRows } from '../../../src/training/resume/carried-classes.js'

describe('class centres carried over by name', () => {
  it('follow their people to new labels; people who are new keep what they start with, others are dropped', () => {
    const carried = carryByName(['ann', 'bob', 'cleo'], ['cleo', 'dan', 'ann', 'eve'])
    expect(carried).toEqual({ from: Int32Array.of(2, -1, 0, -1), carried: 2, added: 2, left: 1 })
    const earlier = { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }
    const into = { shape: [4, 2], data: new Float32Array(8).fill(9) }
    carryRows(earlier, into, carried)
    expect([...into.data]).toEqual([5, 6, 9, 9, 1, 2, 9, 9])
  })

  it('does not guess where a name is missing or stands for several people', () => {
    const carried = carryByName(['ann', 'ann', 'bob', undefined], ['ann', 'bob', undefined, 'bob', 'cleo'])
    expect(carried).toEqual({ from: new Int32Array(5).fill(-1), carried: 0, added: 5, left: 4 })
  })
})
