import { lstat, realpath } from 'node:fs/promises'
import { locateDataset, resolveDataset, resolveOutputDataset } from '../dataset/catalog.js'
import type { Dataset, Identity } from '../dataset/index.js'
import { InputError } from '../errors/index.js'
import { inputErrorFrom } from '../io/index.js'
import type { Input } from './stage.js'

/** Where labels are kept from, as the options of a stage name it. */
export interface LabelsFrom {
  /** Name or path of a dataset; undefined gives all labels anew. */
  previous: string | undefined
  /** Absolute path that the stage writes. */
  output: string
  datasets: string | undefined
}

/** An identity of an earlier dataset. JSON: a plan carries those that have no images any more. */
export interface KeptIdentity {
  label: number
  /** Missing where that dataset names nobody. */
  name?: string
  /** Name of the source that it came from there, its name and label in it. */
  source?: string
  sourceName?: string
  sourceLabel: number
}

/** What tells one identity from another: its name, and the name of its source where several have that name. */
export interface NamedIdentity {
  name: string | undefined
  source: string | undefined
  /** Label in the source: it tells identities apart that have no name. */
  sourceLabel: number
}

/** The labels of an earlier dataset, of which a new one keeps those of the identities that it still has. */
export class KeptLabels {
  /** Name of the dataset. */
  readonly dataset: string
  /** Position is label. */
  readonly identities: KeptIdentity[]
  readonly #directory: string
  readonly #isPacked: boolean

  private constructor({ name, directory, description }: Dataset, identities: KeptIdentity[]) {
    this.dataset = name
    this.#isPacked = description?.sources.some(({ kind }) => kind !== 'dataset') ?? false
    this.#directory = directory
    this.identities = identities
  }

  /** @throws InputError where the dataset names nobody */
  static async of(dataset: Dataset): Promise<KeptLabels> {
    const identities = await identitiesOf(dataset)
    const foreign = dataset.description === undefined
    if (foreign && identities.every(({ name }) => name === undefined)) throw namesNobody(dataset.directory)
    return new KeptLabels(dataset, identities)
  }

  /**
   * The label that each identity keeps, or -1 for one that was not there. Identities of one name are told apart by
   * their sources, those without a name by source and label there.
   * @throws InputError where that does not tell which is which
   */
  match(identities: NamedIdentity[]): Int32Array {
    const labels = new Int32Array(identities.length).fill(-1)
    const there = groupBy(this.identities, keyOf)
    for (const [key, positions] of groupBy(identities, keyOf)) {
      const earlier = there.get(key)
      if (earlier === undefined) continue
      if (earlier.length === 1 && positions.length === 1) labels[positions[0]!] = earlier[0]!
      else this.#matchBySource(identities, positions, earlier, labels)
    }
    return labels
  }

  #matchBySource(
    identities: NamedIdentity[],
    positions: number[],
    earlier: number[],
    labels: Int32Array,
  ): void {
    // A dataset that was packed has folders for sources, and is itself the source of a merged one.
    const sourceOf = (label: number) => this.identities[label]!.source
    const isFrom = (label: number, source: string | undefined) =>
      sourceOf(label) === source || (this.#isPacked && this.dataset === source)
    const unclaimed = new Set(earlier)
    const unmatched: number[] = []
    for (const position of positions) {
      const { source } = identities[position]!
      const same = earlier.filter((label) => isFrom(label, source))
      const rivals = positions.filter((other) =>
        same.some((label) => isFrom(label, identities[other]!.source)),
      )
      if (same.length === 1 && rivals.length === 1) {
        labels[position] = same[0]!
        unclaimed.delete(same[0]!)
      } else unmatched.push(position)
    }
    if (unmatched.length === 0 || unclaimed.size === 0) return
    const nameless = (source: string | undefined) => source ?? 'an unknown source'
    throw new InputError({
      file: this.#directory,
      problem: `which "${identities[unmatched[0]!]!.name}" keeps which label cannot be told`,
      expected: 'one identity of that name, or one from each source',
      actual: `labels ${[...unclaimed].map((label) => `${label} (from ${nameless(sourceOf(label))})`).join(', ')} there, and here one from ${unmatched.map((position) => nameless(identities[position]!.source)).join(', one from ')}`,
      fix: 'Give the people names of their own, or the sources the names that they had.',
    })
  }
}

/**
 * The folder of the dataset that labels are kept from, behind all links: it stays when a new version is published.
 * Undefined where the dataset is the stage's own output and is not there yet: a pipeline that keeps labels from one
 * night to the next has a first night. @throws InputError where there is no such dataset
 */
export async function locateLabels({ previous, output, datasets }: LabelsFrom): Promise<string | undefined> {
  if (previous === undefined) return undefined
  const isOwn = resolveOutputDataset(previous, datasets) === output
  if (isOwn && !(await exists(output))) return undefined
  const path = isOwn ? output : await resolveDataset(previous, datasets)
  return realpath(path).catch((error: unknown) => {
    throw inputErrorFrom(error, path)
  })
}

/**
 * The dataset that labels are kept from as an input of a pipeline's step. None where it is the step's own output: that
 * is what the last run left, and the step must not wait for itself.
 */
export async function labelsInput({ previous, output, datasets }: LabelsFrom): Promise<Input[]> {
  if (previous === undefined || resolveOutputDataset(previous, datasets) === output) return []
  const path = await locateDataset(previous, datasets)
  return path === output ? [] : [{ path, kind: 'dataset' }]
}

/** What is said where `locateLabels` finds nothing. */
export function describeFirstLabels(previous: string): string {
  return `${previous} is not there yet: all labels are new`
}

/** A label whose people left: it keeps its name, so that they find it again, and its source where that is still one. */
export function emptyIdentity(kept: KeptIdentity, sources: { name: string }[]): Identity {
  const source = sources.findIndex(({ name }) => name === kept.source)
  if (source === -1) return { name: kept.name, source: 0, sourceName: undefined, sourceLabel: -1 }
  return { name: kept.name, source, sourceName: kept.sourceName, sourceLabel: kept.sourceLabel }
}

async function identitiesOf(dataset: Dataset): Promise<KeptIdentity[]> {
  if (dataset.description === undefined) {
    const names = await dataset.identityNames()
    return Array.from(names, (name, label) => ({ label, ...(name && { name }), sourceLabel: -1 }))
  }
  const { names, sources, sourceNames, sourceLabels } = await dataset.identities()
  return Array.from(names, (name, label) => {
    const source = dataset.description!.sources[sources[label]!]?.name
    const sourceName = sourceNames[label]
    return {
      label,
      ...(name !== undefined && { name }),
      ...(source !== undefined && { source }),
      ...(sourceName !== undefined && { sourceName }),
      sourceLabel: sourceLabels[label]!,
    }
  })
}

function keyOf({ name, source, sourceLabel }: NamedIdentity | KeptIdentity): string {
  return name === undefined ? `\0${source}\0${sourceLabel}` : name.normalize('NFC')
}

function groupBy<T>(values: T[], key: (value: T) => string): Map<string, number[]> {
  const groups = new Map<string, number[]>()
  for (const [position, value] of values.entries()) {
    const group = groups.get(key(value))
    if (group === undefined) groups.set(key(value), [position])
    else group.push(position)
  }
  return groups
}

/** A link that leads nowhere counts: labels were there, and to give others without a word would be wrong. */
async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

function namesNobody(directory: string): InputError {
  return new InputError({
    file: directory,
    problem: 'labels cannot be kept from a dataset that names none of its identities',
    expected: 'identities.arrow with names, or a .lst file whose paths have a folder for each person',
    fix: 'Leave --labels-from out, or give a dataset with names.',
  })
}
