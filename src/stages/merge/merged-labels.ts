import { type Dataset, type DerivedSources, derivedIdentities, type Identity } from '../../dataset/index.js'
import { emptyIdentity, type KeptIdentity, type KeptLabels } from '../kept-labels.js'
import type { PeopleToLeave } from '../leaving/people-to-leave.js'

/** The labels of a merged dataset. */
export interface MergedLabels {
  /** By label. */
  identities: Identity[]
  /** By input: the label that each of its labels becomes; -1 for one whose people leave. */
  labels: Int32Array[]
  /** Whether they are those that the inputs give by themselves, one after another. */
  inOrder: boolean
}

/**
 * One label for each identity of each input that stays: the one that it keeps, else the next number, in the order of the
 * inputs and of their labels. @throws InputError where the names do not tell which identity keeps which label
 */
export async function mergedLabels(
  inputs: Dataset[],
  { sources, first }: DerivedSources,
  kept: KeptLabels | undefined,
  { reasons }: Pick<PeopleToLeave, 'reasons'>,
): Promise<MergedLabels> {
  const found: Identity[] = []
  const forgotten = new Set<string | undefined>()
  const labels = inputs.map(({ identityCount }) => new Int32Array(identityCount).fill(-1))
  for (const [i, input] of inputs.entries()) {
    for (const [label, identity] of (await derivedIdentities(input, first[i]!)).entries()) {
      const leaves = reasons[i]!.get(label)
      if (leaves === undefined) labels[i]![label] = found.push(identity) - 1
      else if (leaves.unnamed) forgotten.add(identity.name)
    }
  }
  const numbers = numbered(found, sources, kept)
  const identities: Identity[] = []
  for (const [i, identity] of found.entries()) identities[numbers[i]!] = identity
  for (const there of kept?.identities ?? []) {
    identities[there.label] ??= emptyIdentity(forgotten.has(there.name) ? unnamed(there) : there, sources)
  }
  return {
    identities,
    labels: labels.map((positions) =>
      positions.map((position) => (position === -1 ? -1 : numbers[position]!)),
    ),
    inOrder: numbers.every((label, i) => label === i) && identities.length === found.length,
  }
}

/** The label of somebody who withdrew stays empty, and does not tell whose it was. */
function unnamed({ label }: KeptIdentity): KeptIdentity {
  return { label, sourceLabel: -1 }
}

function numbered(
  identities: Identity[],
  sources: { name: string }[],
  kept: KeptLabels | undefined,
): Int32Array {
  if (kept === undefined) return Int32Array.from(identities.keys())
  const named = identities.map(({ name, source, sourceLabel }) => {
    return { name, source: sources[source]!.name, sourceLabel }
  })
  let next = kept.identities.length
  return kept.match(named).map((label) => (label < 0 ? next++ : label))
}
