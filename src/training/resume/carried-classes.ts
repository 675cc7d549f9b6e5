import type { StateTensor } from '../../engines/index.js'
import type { IdentityNames } from '../checkpoints/identity-names.js'

/** Which class centre of an earlier run an identity of the dataset goes on with. */
export interface CarriedClasses {
  /** By label: the earlier label, or -1 for a person who is new. */
  from: Int32Array
  /** People who are in both. */
  carried: number
  /** People who have no class centre yet, and class centres whose people are gone. */
  added: number
  left: number
}

/**
 * Finds the people of a dataset among those of an earlier run, by name. A name that several identities of one of the
 * two have tells nothing: these count as new, and as gone.
 */
export function carryByName(earlier: IdentityNames, now: IdentityNames): CarriedClasses {
  const labels = labelsByName(earlier)
  const own = labelsByName(now)
  const from = new Int32Array(now.length).fill(-1)
  let carried = 0
  for (const [name, label] of own) {
    const before = labels.get(name)
    if (label === AMBIGUOUS || before === undefined || before === AMBIGUOUS) continue
    from[label] = before
    carried++
  }
  return { from, carried, added: now.length - carried, left: earlier.length - carried }
}

/** Puts the rows of people who are in both where they belong; the other rows of `into` stay. Both [classes, size]. */
export function carryRows(earlier: StateTensor, into: StateTensor, { from }: CarriedClasses): void {
  const size = earlier.shape[1]!
  from.forEach((row, label) => {
    if (row !== -1) into.data.set(earlier.data.subarray(row * size, (row + 1) * size), label * size)
  })
}

const AMBIGUOUS = -1

function labelsByName(names: IdentityNames): Map<string, number> {
  const labels = new Map<string, number>()
  names.forEach((name, label) => {
    if (name !== undefined) labels.set(name, labels.has(name) ? AMBIGUOUS : label)
  })
  return labels
}
