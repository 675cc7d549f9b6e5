import { type Dataset, type DerivedSources, derivedIdentities, type Identity } from '../../dataset/index.js'
import type { IdentityMatch } from '../../identities/index.js'
import { emptyIdentity, type KeptIdentity, type KeptLabels } from '../kept-labels.js'
import type { LeavingReason, PeopleToLeave } from '../leaving/people-to-leave.js'
import { joinPeople } from './join-people.js'

/** The labels of a merged dataset. */
export interface MergedLabels {
  /** By label. */
  identities: Identity[]
  /** By input: the label that each of its labels becomes; -1 for one that is left out. */
  labels: Int32Array[]
  /** By input and label: why an identity is left out. */
  reasons: Map<number, LeavingReason>[]
  /** Whether they are those that the inputs give by themselves, one after another. */
  inOrder: boolean
}

/**
 * One label for each person of the inputs that stays: the one that it keeps, else the next number, in the order of the
 * inputs and of their labels. Identities that are one person get the label and name of the first of them, which keeps
 * the others in its lineage. @throws InputError where the names do not tell which identity keeps which label
 */
export async function mergedLabels(
  inputs: Dataset[],
  { sources, first }: DerivedSources,
  kept: KeptLabels | undefined,
  { reasons: leaving }: Pick<PeopleToLeave, 'reasons'>,
  matches: IdentityMatch[],
): Promise<MergedLabels> {
  const found: Identity[][] = []
  const forgotten = new Set<string | undefined>()
  for (const [i, input] of inputs.entries()) {
    found.push(await derivedIdentities(input, first[i]!))
    for (const [label, { unnamed }] of leaving[i]!) if (unnamed) forgotten.add(found[i]![label]!.name)
  }
  const { people, personOf, reasons } = joinPeople(found, sources, leaving, matches)
  const numbers = numbered(people, sources, kept)
  const identities: Identity[] = []
  for (const [i, identity] of people.entries()) identities[numbers[i]!] = identity
  for (const there of kept?.identities ?? []) {
    identities[there.label] ??= emptyIdentity(forgotten.has(there.name) ? unnamed(there) : there, sources)
  }
  return {
    identities,
    labels: personOf.map((persons) => persons.map((person) => (person === -1 ? -1 : numbers[person]!))),
    reasons,
    inOrder: numbers.every((label, i) => label === i) && identities.length === people.length,
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
