import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { type Dataset, type DescribedImage, datasetsFolder, type SkippedImage } from '../../dataset/index.js'
import type { LeavingOptions } from '../common-options.js'
import { freezeImages, imageInputOf } from '../image-input.js'
import { cachePlaces, freezeModel } from '../model-input.js'
import type { ModelOptions } from '../model-options.js'
import type { Input, StageContext } from '../stage.js'
import { describeMatch, type Exclusion, type Leaving, type Removal } from './describe.js'
import { type ExclusionPlan, findExcluded } from './exclusion.js'
import { findHoldings } from './holdings.js'
import { type FrozenFile, freezeFile, parseNames, readFrozen } from './name-list.js'
import { findNamedPeople } from './named-people.js'

/** What a plan says of people who leave. */
export interface LeavingPlan {
  output: string
  /** Datasets folder. */
  datasets: string
  /** Folder in which embeddings are kept. */
  embeddings: string
  remove?: FrozenFile
  exclude?: ExclusionPlan
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

/** Finds who leaves the inputs of a stage, and what else holds those who were removed. @throws InputError */
export async function peopleToLeave(
  inputs: Dataset[],
  plan: LeavingPlan,
  context: StageContext,
): Promise<PeopleToLeave> {
  const reasons = inputs.map(() => new Map<number, LeavingReason>())
  if (plan.remove === undefined && plan.exclude === undefined) return { reasons, leaving: undefined }
  const excluded = plan.exclude === undefined ? [] : await exclude(inputs, plan.exclude, reasons, context)
  const removal = plan.remove === undefined ? undefined : await remove(inputs, plan.remove, plan, reasons)
  let images = 0
  for (const [i, input] of inputs.entries()) {
    for (const label of await input.labels()) if (reasons[i]!.has(label)) images++
  }
  const people = reasons.reduce((sum, { size }) => sum + size, 0)
  const leaving = { people, images, ...(plan.exclude && { excluded }), ...(removal && { removal }) }
  return { reasons, leaving }
}

async function exclude(
  inputs: Dataset[],
  plan: ExclusionPlan,
  reasons: Map<number, LeavingReason>[],
  context: StageContext,
): Promise<Exclusion[]> {
  const found = await findExcluded(inputs, plan, context)
  const excluded: Exclusion[] = []
  for (const [i, people] of found.entries()) {
    const names = await inputs[i]!.identityNames()
    for (const person of [...people.values()].sort((a, b) => a.label - b.label)) {
      const { label, source, probe, cosine } = person
      reasons[i]!.set(label, { action: 'drop', reason: `excluded: ${describeMatch(person)}` })
      excluded.push({
        dataset: inputs[i]!.name,
        name: names[label] ?? `label ${label}`,
        label,
        source,
        probe,
        ...(cosine !== undefined && { cosine: Number(cosine.toFixed(4)) }),
      })
    }
  }
  return excluded
}

async function remove(
  inputs: Dataset[],
  list: FrozenFile,
  { datasets, embeddings, output }: LeavingPlan,
  reasons: Map<number, LeavingReason>[],
): Promise<Removal> {
  const names = parseNames(await readFrozen(list), list.path)
  const found = await Promise.all(inputs.map((input) => findNamedPeople(input, names)))
  for (const [i, { labels }] of found.entries()) {
    for (const label of labels) {
      reasons[i]!.set(label, { action: 'drop', reason: 'removed by name', unnamed: true })
    }
  }
  const places = found.flatMap((people) => people.places)
  return {
    people: found.reduce((sum, { labels }) => sum + labels.length, 0),
    notFound: names.filter((name) => found.every(({ missing }) => missing.includes(name))),
    rebuild: await findHoldings(datasets, places, output),
    ...(existsSync(embeddings) && { embeddings }),
  }
}

/** What the options of a stage say of people who leave. @throws InputError */
export async function planLeaving(options: PlannedOptions, output: string): Promise<LeavingPlan> {
  const { remove: names, exclude: tests, datasets, model, embeddings } = options
  const cache = cachePlaces(embeddings, datasets)
  return {
    output,
    datasets: datasetsFolder(datasets),
    embeddings: cache.folder,
    ...(names !== undefined && { remove: await freezeFile(names) }),
    ...(tests !== undefined && {
      exclude: {
        tests: await Promise.all(tests.map((test) => freezeImages(test, datasets))),
        threshold: options['exclude-threshold'],
        cache,
        ...(model !== undefined && { model: await freezeModel(model, options) }),
      },
    }),
  }
}

type PlannedOptions = LeavingOptions &
  ModelOptions & {
    datasets?: string | undefined
    model?: string | undefined
    embeddings?: string[] | undefined
  }

/** What else a stage reads because people leave, for a pipeline's graph. */
export async function leavingInputs(
  { remove: names, exclude: tests = [] }: LeavingOptions,
  datasets: string | undefined,
): Promise<Input[]> {
  return [
    ...(await Promise.all(tests.map((test) => imageInputOf(test, datasets)))),
    ...(names === undefined ? [] : [{ path: resolve(names), kind: 'file' as const }]),
  ]
}

/** What decides the content of a dataset, for its `dataset.json`: not who was removed. */
export function describedLeaving({ remove: names, exclude: tests }: LeavingPlan): Record<string, unknown> {
  return {
    ...(names && { remove: true }),
    ...(tests && {
      exclude: tests.tests.map(({ path }) => basename(path)),
      ...(tests.model && { 'exclude-threshold': tests.threshold, model: basename(tests.model.path) }),
    }),
  }
}

/** The line of `skipped.jsonl` for an image of somebody who leaves. */
export function leftOut(
  { key, path }: Pick<DescribedImage, 'key' | 'path'>,
  source: string,
  { reason, unnamed }: LeavingReason,
): SkippedImage {
  return { source, path: unnamed ? '' : path, reason: `${reason} (key ${key})` }
}
