import { expect } from 'vitest'
import type { State } from '../../../../src/engines/index.js'
import { distance, norm } from '../../reference.js'

/** Of the norm of each tensor. What is left of a gradient that is zero is rounding, on either side. */
const TOLERANCE = 1e-3
const ROUNDING = 1e-4

export function expectEqualStates(actual: State, expected: State): void {
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort())
  for (const [name, { data }] of actual) {
    const reference = expected.get(name)!.data
    expect(distance(data, reference), name).toBeLessThan(TOLERANCE * norm(reference) + ROUNDING)
  }
}
