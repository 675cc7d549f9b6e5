import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import {
  Dataset,
  type DialectName,
  readSkippedReasons,
  type SkippedReason,
  type Source,
} from '../../dataset/index.js'
import { type Progress, silentProgress } from '../../progress/progress.js'
import { type ImageCensus, takeCensus } from './census.js'
import { type Distribution, distributionOf } from './distribution.js'
import { inspectRecord, type RecordInspection } from './record.js'

/** What a dataset holds. */
export interface DatasetInspection extends ImageCensus {
  kind: 'dataset'
  name: string
  /** Its folder, behind all links. */
  path: string
  dialect: DialectName
  images: number
  identities: number
  /** Labels that no image has. */
  emptyIdentities: number
  /** Pixels; 0 where nothing tells. */
  height: number
  width: number
  /** Of the identities that have images. */
  imagesPerIdentity: Distribution
  /** Records that the index does not name. */
  unindexedRecords: number
  files: { name: string; bytes: number }[]
  /** Undefined for a dataset of another tool. */
  made?: MadeBy
  /** The record that was asked for. */
  record?: RecordInspection
}

/** What `dataset.json` says of how a dataset was made. */
export interface MadeBy {
  tool: string
  stage: string
  fingerprint: string
  skipped: number
  /** Of `skipped.jsonl`; empty where that is missing. */
  skippedReasons: SkippedReason[]
  sources: Source[]
  /** By position in `sources`. */
  imagesBySource: number[]
}

export interface DatasetInspectionOptions {
  /** Key of a record to show. */
  record?: number | undefined
  progress?: Progress
  signal?: AbortSignal | undefined
}

/**
 * Looks into a dataset, and into a record where one is asked for. The manifest is read through, of a dataset of another
 * tool the `.rec` file. @param path its folder or `.rec` file @throws InputError; the reason of the signal
 */
export async function inspectDataset(
  path: string,
  { record, progress = silentProgress, signal }: DatasetInspectionOptions = {},
): Promise<DatasetInspection> {
  const dataset = await Dataset.open(path)
  try {
    const { imagesBySource, imagesByLabel, ...census } = await takeCensus(dataset, { progress, signal })
    const images = imagesByLabel ?? (await dataset.identities()).images
    const filled = images.reduce((sum, count) => sum + Number(count > 0), 0)
    return {
      kind: 'dataset',
      name: dataset.name,
      path: dataset.directory,
      dialect: dataset.dialect,
      images: dataset.imageCount,
      identities: dataset.identityCount,
      emptyIdentities: images.length - filled,
      height: dataset.height,
      width: dataset.width,
      imagesPerIdentity: distributionOf(images),
      ...census,
      unindexedRecords: dataset.unindexedRecords.length,
      files: await filesOf(dataset),
      ...(await madeBy(dataset, imagesBySource)),
      ...(record === undefined ? {} : { record: await inspectRecord(dataset, record) }),
    }
  } finally {
    await dataset.close()
  }
}

async function madeBy(
  { description, directory }: Dataset,
  imagesBySource: number[] = [],
): Promise<{ made?: MadeBy }> {
  if (description === undefined) return {}
  const { tool, stage, fingerprint, skipped, sources } = description
  const list = join(directory, 'skipped.jsonl')
  const listed = skipped > 0 && (await isFile(list))
  const skippedReasons = listed ? await readSkippedReasons(list) : []
  return { made: { tool, stage, fingerprint, skipped, skippedReasons, sources, imagesBySource } }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

async function filesOf({ files }: Dataset): Promise<{ name: string; bytes: number }[]> {
  const { records, index, list, property, manifest, identities, description } = files
  const paths = [records, index, list, property, manifest, identities, description].filter(
    (path) => path !== undefined,
  )
  return Promise.all(paths.map(async (path) => ({ name: basename(path), bytes: (await stat(path)).size })))
}
