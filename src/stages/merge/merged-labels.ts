import { type Dataset, type DerivedSources, derivedIdentities, type Identity } from '../../dataset/index.js'
import { emptyIdentity, type KeptLabels } from '../kept-labels.js'

/** The labels of a merged dataset. */
export interface MergedLabels {
  /** By label. */
  identities: Identity[]
  /** By input: the label that each of its labels becomes. */
  labels: Int32Array[]
  /** Whether they are those that the inputs give by themselves, one after another. */
  inOrder: boolean
}

/**
 * One label for each identity of each input: the one that it keeps, else the next number, in the order of the inputs
 * and of their labels. @throws InputError where the names do not tell which identity keeps which label
 */
export async function mergedLabels(
  inputs: Dataset[],
  { sources, first }: DerivedSources,
  kept: KeptLabels | undefined,
): Promise<MergedLabels> {
  const found: Identity[] = []
  const ends: number[] = []
  for (const [i, input] of inputs.entries()) {
    for (const identity of await derivedIdentities(input, first[i]!)) found.push(identity)
    ends.push(found.length)
  }
  const labels = numbered(found, sources, kept)
  const identities: Identity[] = []
  for (const [i, identity] of found.entries()) identities[labels[i]!] = identity
  for (const there of kept?.identities ?? []) identities[there.label] ??= emptyIdentity(there, sources)
  return {
    identities,
    labels: ends.map((end, i) => labels.subarray(ends[i - 1] ?? 0, end)),
    inOrder: labels.every((label, i) => label === i) && identities.length === found.length,
  }
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
