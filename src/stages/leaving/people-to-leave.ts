import type { Dataset } from '../../dataset/index.js'
import { StrictError } from '../../errors/index.js'
import { describeMissing, type Leaving } from './describe.js'
import { findHoldings } from './holdings.js'
import { type FrozenFile, parseNames, readFrozen } from './name-list.js'
import { findNamedPeople } from './named-people.js'

/** What a plan says of people who leave. */
export interface LeavingPlan {
  output: string
  /** Datasets folder. */
  datasets: string
  remove?: FrozenFile
}

/** Why an identity is left out. */
export interface LeavingReason {
  action: 'drop'
  reason: string
  /** Nothing that tells who it is may stand in the new dataset. */
  unnamed?: true
}

export interface PeopleToLeave {
  /** By input: the labels of those who leave. */
  reasons: Map<number, LeavingReason>[]
  /** Undefined where nobody was to leave. */
  leaving: Leaving | undefined
}

/** Finds who leaves the inputs of a stage, and what else holds them. @throws InputError */
export async function peopleToLeave(inputs: Dataset[], plan: LeavingPlan): Promise<PeopleToLeave> {
  const reasons = inputs.map(() => new Map<number, LeavingReason>())
  if (plan.remove === undefined) return { reasons, leaving: undefined }
  const names = parseNames(await readFrozen(plan.remove), plan.remove.path)
  const found = await Promise.all(inputs.map((input) => findNamedPeople(input, names)))
  const leaving: Leaving = {
    removedPeople: 0,
    removedImages: 0,
    notFound: names.filter((name) => found.every(({ missing }) => missing.includes(name))),
    rebuild: await findHoldings(
      plan.datasets,
      found.flatMap(({ places }) => places),
      plan.output,
    ),
  }
  for (const [i, input] of inputs.entries()) {
    for (const label of found[i]!.labels) {
      reasons[i]!.set(label, { action: 'drop', reason: 'removed by name', unnamed: true })
    }
    leaving.removedPeople += found[i]!.labels.length
    for (const label of await input.labels()) if (reasons[i]!.has(label)) leaving.removedImages++
  }
  return { reasons, leaving }
}

/** @throws StrictError for a name that nobody has: it may be misspelt */
export function refuseMissing(leaving: Leaving | undefined): void {
  if (leaving === undefined || leaving.notFound.length === 0) return
  throw new StrictError(
    `${describeMissing(leaving.notFound)}, and --strict was given: nothing is published. Correct the names, or take them from the list`,
  )
}
