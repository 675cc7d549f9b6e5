import type { Identity } from '../../dataset/index.js'
import type { Decisions } from './decisions.js'

/** The labels that the identities of a dataset have once some of its images are gone. */
export interface KeptIdentities {
  /** By new label. */
  identities: Identity[]
  /** By old label: the new one; -1 where no image is left. */
  labels: Int32Array
  /** By old label: that of the images that are split off; -1 where there are none. */
  splitLabels: Int32Array
}

/** New labels from 0 in the order of the old ones; who is split off comes behind whom they were split from. */
export function keptIdentities(
  identities: Identity[],
  labelOf: Int32Array,
  decisions: Decisions,
): KeptIdentities {
  const kept = new Uint32Array(identities.length)
  const split = new Uint32Array(identities.length)
  for (const [position, label] of labelOf.entries()) {
    const action = decisions.get(position)?.action
    if (action === undefined) kept[label]!++
    else if (action === 'split') split[label]!++
  }
  const names = new Set(identities.map(({ name }) => name))
  const result: KeptIdentities = {
    identities: [],
    labels: new Int32Array(identities.length).fill(-1),
    splitLabels: new Int32Array(identities.length).fill(-1),
  }
  for (const [label, identity] of identities.entries()) {
    if (kept[label]! > 0) result.labels[label] = result.identities.push(identity) - 1
    if (split[label] === 0) continue
    const name = identity.name === undefined ? undefined : freeName(identity.name, names)
    result.splitLabels[label] = result.identities.push({ ...identity, name }) - 1
  }
  return result
}

/** `ann (2)`, or with the next number that nobody has. */
function freeName(name: string, names: Set<string | undefined>): string {
  let number = 2
  while (names.has(`${name} (${number})`)) number++
  names.add(`${name} (${number})`)
  return `${name} (${number})`
}
