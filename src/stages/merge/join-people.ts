import type { Identity, JoinedIdentity } from '../../dataset/index.js'
import { JoinedSets } from '../../embeddings/index.js'
import type { IdentityMatch, IdentityPlace } from '../../identities/index.js'
import type { LeavingReason } from '../leaving/people-to-leave.js'

/** The people of several datasets. */
export interface JoinedPeople {
  /** In the order of the inputs and their labels: the first identity of each, with the others in its lineage. */
  people: Identity[]
  /** By input and label: the position of the person; -1 for an identity that is left out. */
  personOf: Int32Array[]
  /** By input and label: why an identity is left out. */
  reasons: Map<number, LeavingReason>[]
}

/** @param found identities by input and label @param leaving by input: those who are left out whatever they match */
export function joinPeople(
  found: Identity[][],
  sources: { name: string }[],
  leaving: Map<number, LeavingReason>[],
  matches: IdentityMatch[],
): JoinedPeople {
  const reasons = leaving.map((own) => new Map(own))
  const leaves = ({ input, label }: IdentityPlace) => reasons[input]!.has(label)
  const staying = matches.filter(({ a, b }) => !leaves(a) && !leaves(b))
  for (const { a, b, action } of staying) {
    if (action !== 'drop') continue
    const reason = `the same person as ${describe(found[a.input]![a.label]!, sources)}`
    reasons[b.input]!.set(b.label, { action: 'drop', reason })
  }
  const starts: number[] = []
  let count = 0
  for (const { length } of found) {
    starts.push(count)
    count += length
  }
  const sets = new JoinedSets(count)
  const member = ({ input, label }: IdentityPlace) => starts[input]! + label
  for (const { a, b, action } of staying) {
    if (action === 'merge' && !leaves(a) && !leaves(b)) sets.join(member(a), member(b))
  }
  const people: Identity[] = []
  const personOfFirst = new Map<number, number>()
  const personOf = found.map((identities, input) =>
    Int32Array.from(identities, (identity, label) => {
      if (leaves({ input, label })) return -1
      const first = sets.first(member({ input, label }))
      const known = personOfFirst.get(first)
      if (known !== undefined) {
        people[known] = joined(people[known]!, identity)
        return known
      }
      const person = people.push(identity) - 1
      personOfFirst.set(first, person)
      return person
    }),
  )
  return { people, personOf, reasons }
}

/** The first identity with another one of the same person in its lineage. */
function joined(first: Identity, { source, sourceName, sourceLabel, joined = [] }: Identity): Identity {
  const own: JoinedIdentity = {
    source,
    ...(sourceName !== undefined && { name: sourceName }),
    label: sourceLabel,
  }
  return { ...first, joined: [...(first.joined ?? []), own, ...joined] }
}

function describe({ sourceName, sourceLabel, source }: Identity, sources: { name: string }[]): string {
  const name = sourceName === undefined ? `label ${sourceLabel}` : `"${sourceName}"`
  return `${name} of ${sources[source]!.name}`
}
