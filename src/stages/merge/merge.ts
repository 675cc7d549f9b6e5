import { join, resolve } from 'node:path'
import { locateDataset, readDescription, resolveOutputDataset } from '../../dataset/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { readWholeFile, writeFileAtomically } from '../../io/index.js'
import { closeDatasets, freezeDataset, reopenDatasets } from '../dataset-input.js'
import { nameOfDataset } from '../dataset-name.js'
import { describeEmpty, type EmptyLabel } from '../empty-labels.js'
import { cutImages } from '../image-shares.js'
import { describeFirstLabels, labelsInput, locateLabels } from '../kept-labels.js'
import { describeLeaving, type Leaving } from '../leaving/describe.js'
import { leavingInputs, planLeaving } from '../leaving/people-to-leave.js'
import { publishWithoutPeople } from '../leaving/publish.js'
import { modelInputOf } from '../model-input.js'
import { prepareImages } from '../prepare-images.js'
import {
  defineStage,
  type Input,
  type Output,
  type Plan,
  type ShardResult,
  type StageContext,
} from '../stage.js'
import { writtenFiles } from '../written-dataset.js'
import { type PlannedMatching, planMatching } from './matching.js'
import { freezeInputs } from './merge-inputs.js'
import { type MergeOptions, matchingOf, mergeOptions } from './options.js'
import {
  countMatches,
  type MatchCounts,
  type MergeReview,
  publishReview,
  reviewPaths,
  writeReview,
} from './review.js'
import { type MergeShard, writeMerged } from './write-merged.js'
import { emptyLabelsOf } from './written-labels.js'

export interface MergedDataset {
  kind: 'dataset'
  /** Absolute path of the dataset. */
  output: string
  fingerprint: string
  images: number
  identities: number
  /** Images of people who are left out, and records that the index of their dataset does not name. */
  skipped: number
  /** Pairs of identities that were matched; undefined where every identity stays by itself. */
  matches?: MatchCounts
  /** Labels that no image has: their people left. */
  emptyLabels: EmptyLabel[]
  inputs: { name: string; images: number; identities: number }[]
  /** Missing where nobody was to leave. */
  leaving?: Leaving
}

export type MergeResult = MergedDataset | MergeReview

/** In the scratch folder: the written dataset, who left, and how many identities were matched. */
const WRITTEN = 'dataset'
const LEAVING = 'leaving.json'
const MATCHES = 'matches.json'

/**
 * The identities of all inputs in one label space, in the order of the inputs, unless they keep a label. Those that are
 * one person, by name, by embedding or by a map, get one label, or the later one is left out. Images are copied as they are; labels, keys and ids are new, labels after the first are kept.
 */
export const merge = defineStage<MergeOptions, MergeShard, MergeResult>({
  name: 'merge',
  summary: 'join datasets into one label space; people that they share can be matched',
  options: mergeOptions,

  async inputs(given) {
    const { inputs, datasets, 'labels-from': previous } = given
    const merged = inputs.map(async (input) => {
      return { path: await locateDataset(input, datasets), kind: 'dataset' as const }
    })
    const labels = await labelsInput({ previous, output: datasetPath(given), datasets })
    const matching = matchingOf(given)
    const files: Input[] = matching.kind === 'map' ? [{ path: resolve(matching.file), kind: 'file' }] : []
    if (given.model !== undefined) files.push(await modelInputOf(given.model))
    return [...(await Promise.all(merged)), ...labels, ...files, ...(await leavingInputs(given, datasets))]
  },

  output: outputOf,
  measures: ['images', 'identities'],

  inShards: true,
  async plan(given, count, cut) {
    const path = datasetPath(given)
    const inputs = await freezeInputs(given.inputs, given.datasets, given.dialect)
    const { 'labels-from': from, datasets } = given
    const labels = await locateLabels({ previous: from, output: path, datasets })
    const previous = labels && (await freezeDataset(labels))
    const matching = await planMatching(given)
    const leaving = await planLeaving(given, path)
    const shard: MergeShard = {
      output: path,
      dialect: given.dialect,
      inputs,
      leaving,
      ...(previous && { previous }),
      ...(matching && { matching }),
    }
    return {
      stage: 'merge',
      fingerprint: hashToHex(xxh64(Buffer.from(JSON.stringify(shard)))),
      options: given,
      output: outputOf(given),
      ...(cut === 'as-asked' ? inShares(shard, count) : { shards: [shard] }),
    }
  },

  async work(shard, context) {
    if (shard.shares === undefined) return writeWhole(shard, context)
    const opened = await reopenDatasets(shard.inputs)
    try {
      const done = await prepareImages(opened, shard.shares, embeddingOf(shard), context)
      return { files: [], done, skipped: 0 }
    } finally {
      await closeDatasets(opened)
    }
  },

  async finish({ options: planned, shards }, _results, context) {
    const { scratch, strict, replace, log, approve } = context
    const [shard] = shards
    if (shard!.shares !== undefined) await writeWhole(shard!, context)
    const path = shard!.output
    if (isReviewed(shard!)) {
      context.approve?.({})
      return publishReview(path, context)
    }
    const folder = join(scratch, WRITTEN)
    const description = await readDescription(join(folder, 'dataset.json'))
    const previous = (planned as MergeOptions)['labels-from']
    if (previous !== undefined && shard!.previous === undefined) log.info(describeFirstLabels(previous))
    const emptyLabels = await emptyLabelsOf(folder, description)
    if (emptyLabels.length > 0) log.warn(describeEmpty(emptyLabels))
    const jsonOf = async (file: string) =>
      JSON.parse((await readWholeFile(join(scratch, file))).toString('utf8')) as unknown
    const leaving = ((await jsonOf(LEAVING)) as Leaving | null) ?? undefined
    await publishWithoutPeople({ folder, description }, path, { strict, replace, approve }, leaving)
    const { fingerprint, images, identities, skipped } = description
    const { inputs, matching } = shard!
    return {
      kind: 'dataset',
      output: path,
      fingerprint,
      images,
      identities,
      skipped,
      ...(matching && { matches: (await jsonOf(MATCHES)) as MatchCounts }),
      emptyLabels,
      inputs: inputs.map(({ name, images, identities }) => ({ name, images, identities })),
      ...(leaving && { leaving }),
    }
  },

  describe(result) {
    if (result.kind === 'review') {
      return [
        'matches to review',
        ...describeCounts(result.matches),
        `${result.html} shows them`,
        `merge by them: --identities ${result.csv}`,
      ]
    }
    const { images, identities, skipped, matches, emptyLabels, inputs, leaving } = result
    return [
      `merged ${inputs.length} datasets: ${holdings(images, identities)} (${skipped.toLocaleString('en-US')} skipped)`,
      ...inputs.map((input) => `${input.name}: ${holdings(input.images, input.identities)}`),
      ...(matches === undefined ? [] : describeCounts(matches)),
      ...(emptyLabels.length > 0 ? [describeEmpty(emptyLabels)] : []),
      ...(leaving === undefined ? [] : describeLeaving(leaving)),
    ]
  },
})

/** Writes the merged dataset, or the review, to the scratch folder. */
async function writeWhole(shard: MergeShard, context: StageContext): Promise<ShardResult> {
  if (isReviewed(shard)) return writeReview(shard, context)
  const { description, leaving, matches } = await writeMerged(shard, join(context.scratch, WRITTEN), context)
  const files = writtenFiles(WRITTEN, description)
  for (const [path, value] of [
    [LEAVING, leaving ?? null],
    [MATCHES, countMatches(matches)],
  ] as const) {
    const bytes = Buffer.from(JSON.stringify(value))
    await writeFileAtomically(join(context.scratch, path), bytes)
    files.push({ path, bytes: bytes.length, xxh64: hashToHex(xxh64(bytes)) })
  }
  return { files, done: description.images, skipped: description.skipped }
}

function inShares(shard: MergeShard, count: number): Pick<Plan<MergeShard>, 'shards' | 'amount'> {
  const counts = shard.inputs.map(({ images }) => images)
  return {
    amount: { phase: 'preparing', total: counts.reduce((a, b) => a + b, 0), unit: 'images' },
    shards: cutImages(counts, count).map((shares) => ({ ...shard, shares })),
  }
}

/** The model that tells who is who, or who leaves: it is one option. */
function embeddingOf({ matching, leaving }: MergeShard) {
  if (matching?.kind === 'by-embedding') return matching
  const { exclude } = leaving
  return exclude?.model === undefined ? undefined : { model: exclude.model, cache: exclude.cache }
}

function datasetPath({ inputs, output, datasets }: MergeOptions): string {
  return resolveOutputDataset(output ?? inputs.map(nameOfDataset).join('+'), datasets)
}

function outputOf(given: MergeOptions): Output {
  const path = datasetPath(given)
  if (!given['dry-run']) return { path, kind: 'dataset' }
  const { csv, html } = reviewPaths(path)
  return { path: csv, kind: 'file', others: [html] }
}

function isReviewed(shard: MergeShard): shard is MergeShard & { matching: PlannedMatching } {
  return shard.matching?.dryRun === true
}

function describeCounts({ across, within }: MatchCounts): string[] {
  const counts = ({ merge, drop, keep }: MatchCounts['across']) =>
    `${merge} merge, ${drop} drop, ${keep} keep`
  return [`pairs across datasets: ${counts(across)}`, `pairs within one: ${counts(within)}`]
}

function holdings(images: number, identities: number): string {
  return `${images.toLocaleString('en-US')} images of ${identities.toLocaleString('en-US')} identities`
}
