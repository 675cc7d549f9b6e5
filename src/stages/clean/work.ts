import { basename, join } from 'node:path'
import { measureDataset, type RuleName } from '../../curation/index.js'
import type { Dataset } from '../../dataset/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { makeDirectory, removeTree, writeFileAtomically } from '../../io/index.js'
import { reopenDatasets } from '../dataset-input.js'
import type { ImageShare } from '../image-shares.js'
import type { Leaving } from '../leaving/describe.js'
import { readFrozen } from '../leaving/name-list.js'
import { describedLeaving, type PeopleToLeave, peopleToLeave } from '../leaving/people-to-leave.js'
import { prepareImages } from '../prepare-images.js'
import type { ShardResult, StageContext } from '../stage.js'
import { writtenFiles } from '../written-dataset.js'
import type { CleanShard } from './clean.js'
import {
  type Decisions,
  decisionsOfReview,
  decisionsOfRows,
  positionsOfKeys,
  withoutPeople,
} from './decisions.js'
import { examine } from './examine.js'
import { joinMeasures, writeMeasures } from './measures-part.js'
import { formatReportCsv, formatReportJson } from './report-file.js'
import type { ReportRow } from './report-row.js'
import { parseReview } from './review.js'
import { writeCleaned } from './write-cleaned.js'

/** In the scratch folder. */
export const WRITTEN = 'dataset'
export const REPORT = 'report'
export const COUNTS = 'counts.json'

export interface CleanCounts {
  /** Images that are kept; of a dry run those of the dataset. */
  images: number
  identities: number
  /** Images that rules found. */
  listed: number
  /** Images that each rule found; one that several found counts for each. */
  found: Partial<Record<RuleName, number>>
  /** Images that are left out, with the records that no index names. */
  dropped: number
  /** Images that are split off. */
  split: number
  /** Identities that have no image left. */
  leftIdentities: number
  /** Missing where nobody was to leave. */
  leaving?: Leaving
}

/**
 * What a shard does on a cluster: measures its images where there are rules, and brings their embeddings into the cache.
 */
export async function measureShare(
  shard: CleanShard & { share: ImageShare },
  context: StageContext,
): Promise<ShardResult> {
  const { share, rules } = shard
  const { jobs, signal, progress } = context
  const [dataset] = (await reopenDatasets([shard.input])) as [Dataset]
  try {
    const files: ShardResult['files'] = []
    const embedding = embeddingOf(shard)
    if (rules.length > 0) {
      // Told once for each image: by the embedding, which takes longer, where there is one.
      const onImages = (count: number) => embedding === undefined && progress.advance(count)
      const measured = await measureDataset(dataset, { jobs, signal, onImages, range: share })
      files.push(await writeMeasures(context.scratch, shard.number!, measured))
    }
    if (embedding !== undefined || rules.length === 0) {
      await prepareImages([dataset], [share], embedding, context)
    }
    return { files, done: share.end - share.first, skipped: 0 }
  } finally {
    await dataset.close()
  }
}

/** The model that the rules look with, or that tells who leaves: it is one option. */
function embeddingOf({ model, cache, leaving }: CleanShard) {
  if (model !== undefined) return { model, cache }
  const { exclude } = leaving
  return exclude?.model === undefined ? undefined : { model: exclude.model, cache: exclude.cache }
}

/**
 * Writes the dataset or the report to the scratch folder, and what was counted.
 * @param measured the shards that measured the images before
 */
export async function cleanDataset(
  shard: CleanShard,
  context: StageContext,
  measured: number[] = [],
): Promise<ShardResult> {
  const [dataset] = (await reopenDatasets([shard.input])) as [Dataset]
  try {
    const known =
      measured.length > 0 && shard.rules.length > 0
        ? await joinMeasures(context.scratch, measured, dataset)
        : undefined
    const rows = shard.rules.length > 0 ? await examine(dataset, shard, context, known) : []
    const left = await peopleToLeave([dataset], shard.leaving, context)
    return shard.dryRun
      ? await writeReport(dataset, rows, left, shard, context)
      : await writeDataset(dataset, rows, left, shard, context)
  } finally {
    await dataset.close()
  }
}

type Found = CleanCounts['found']

function foundBy(rows: ReportRow[], { rules }: CleanShard): Found {
  const found: Found = Object.fromEntries(rules.map(({ name }) => [name, 0]))
  for (const { rules: by } of rows) for (const rule of by) found[rule]!++
  return found
}

async function writeReport(
  dataset: Dataset,
  rows: ReportRow[],
  { leaving }: PeopleToLeave,
  shard: CleanShard,
  { scratch }: StageContext,
): Promise<ShardResult> {
  const { name, imageCount: images, identityCount: identities } = dataset
  const found = foundBy(rows, shard)
  const thresholds = Object.fromEntries(
    shard.rules.flatMap((rule) => (rule.threshold === undefined ? [] : [[rule.name, rule.threshold]])),
  )
  const head = {
    dataset: name,
    fingerprint: await dataset.fingerprint(),
    images,
    identities,
    thresholds,
    found,
  }
  await removeTree(join(scratch, REPORT))
  await makeDirectory(join(scratch, REPORT))
  const counts: CleanCounts = {
    images,
    identities,
    listed: rows.length,
    found,
    dropped: 0,
    split: 0,
    leftIdentities: 0,
    ...(leaving && { leaving }),
  }
  const files = [
    await writeText(scratch, `${REPORT}/report.csv`, formatReportCsv(rows)),
    await writeText(scratch, `${REPORT}/report.json`, formatReportJson(head, rows)),
    await writeText(scratch, COUNTS, JSON.stringify(counts)),
  ]
  return { files, done: images, skipped: 0 }
}

async function writeDataset(
  dataset: Dataset,
  rows: ReportRow[],
  { reasons, leaving }: PeopleToLeave,
  shard: CleanShard,
  context: StageContext,
): Promise<ShardResult> {
  const labels = await dataset.labels()
  const decisions = withoutPeople(await decide(dataset, rows, shard), labels, reasons[0]!)
  const place = {
    folder: join(context.scratch, WRITTEN),
    output: shard.output,
    options: describedOptions(shard),
  }
  const description = await writeCleaned(dataset, decisions, place, context)
  const { images, identities, skipped: dropped } = description
  const split = [...decisions.values()].filter(({ action }) => action === 'split').length
  const counts: CleanCounts = {
    images,
    identities,
    listed: rows.length,
    found: foundBy(rows, shard),
    dropped,
    split,
    leftIdentities: await countLeft(dataset, decisions),
    ...(leaving && { leaving }),
  }
  return {
    files: [
      ...writtenFiles(WRITTEN, description),
      await writeText(context.scratch, COUNTS, JSON.stringify(counts)),
    ],
    done: dataset.imageCount,
    skipped: dropped,
  }
}

async function decide(dataset: Dataset, rows: ReportRow[], { review }: CleanShard): Promise<Decisions> {
  if (review === undefined) {
    return decisionsOfRows(rows, await positionsOfKeys(dataset, new Set(rows.map(({ key }) => key))))
  }
  return decisionsOfReview(dataset, parseReview(await readFrozen(review), review.path), review.path)
}

/** Identities of which every image is dropped. */
async function countLeft(dataset: Dataset, decisions: Decisions): Promise<number> {
  const kept = new Uint8Array(dataset.identityCount)
  const had = new Uint8Array(dataset.identityCount)
  for (const [position, label] of (await dataset.labels()).entries()) {
    had[label] = 1
    if (decisions.get(position)?.action !== 'drop') kept[label] = 1
  }
  return had.reduce((sum, value, label) => sum + (value === 1 && kept[label] === 0 ? 1 : 0), 0)
}

/** What decides the content, for `dataset.json`. */
function describedOptions({ rules, model, review, leaving }: CleanShard): unknown {
  if (review !== undefined) return { review: review.xxh64, ...describedLeaving(leaving) }
  return {
    ...describedLeaving(leaving),
    rules: Object.fromEntries(rules.map(({ name, threshold }) => [name, threshold ?? true])),
    ...(model && { model: basename(model.path) }),
  }
}

async function writeText(scratch: string, path: string, text: string): Promise<ShardResult['files'][number]> {
  const bytes = Buffer.from(text)
  await writeFileAtomically(join(scratch, path), bytes)
  return { path, bytes: bytes.length, xxh64: hashToHex(xxh64(bytes)) }
}
