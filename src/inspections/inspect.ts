import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Dataset, type DialectName, resolveDataset, type Source } from '../dataset/index.js'
import { describeRecord, inspectRecord, type RecordInspection } from './inspect-record.js'

/** What a dataset holds. */
export interface DatasetInspection {
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
  imagesPerIdentity: { minimum: number; median: number; maximum: number }
  /** Records that the index does not name. */
  unindexedRecords: number
  files: { name: string; bytes: number }[]
  /** Undefined for a dataset of another tool. */
  made?: { tool: string; stage: string; fingerprint: string; skipped: number; sources: Source[] }
  /** The record that was asked for. */
  record?: RecordInspection
}

/**
 * Looks into a dataset, and into the record with key `record` where one is given. A dataset of another tool is read
 * from front to back. @throws InputError
 */
export async function inspect(
  nameOrPath: string,
  options: { datasets?: string; record?: number } = {},
): Promise<DatasetInspection> {
  const dataset = await Dataset.open(await resolveDataset(nameOrPath, options.datasets))
  try {
    const { description } = dataset
    const table = await dataset.identities()
    const counts = table.images.filter((images) => images > 0).sort()
    return {
      name: dataset.name,
      path: dataset.directory,
      dialect: dataset.dialect,
      images: dataset.imageCount,
      identities: dataset.identityCount,
      emptyIdentities: table.count - counts.length,
      height: dataset.height,
      width: dataset.width,
      imagesPerIdentity: {
        minimum: counts[0] ?? 0,
        median: medianOf(counts),
        maximum: counts.at(-1) ?? 0,
      },
      unindexedRecords: dataset.unindexedRecords.length,
      files: await filesOf(dataset),
      ...(description === undefined
        ? {}
        : {
            made: {
              tool: description.tool,
              stage: description.stage,
              fingerprint: description.fingerprint,
              skipped: description.skipped,
              sources: description.sources,
            },
          }),
      ...(options.record === undefined ? {} : { record: await inspectRecord(dataset, options.record) }),
    }
  } finally {
    await dataset.close()
  }
}

/** The lines of an inspection for the console. */
export function describeInspection(found: DatasetInspection): string[] {
  const { minimum, median, maximum } = found.imagesPerIdentity
  const empty = found.emptyIdentities === 0 ? '' : `, ${number(found.emptyIdentities)} of them without images`
  const lines = [
    `${found.name}: ${number(found.images)} images of ${number(found.identities)} identities${empty}`,
    `  images per identity: ${minimum} to ${number(maximum)}, median ${median}`,
    `  size: ${found.width === 0 ? 'not known' : `${found.width}x${found.height}`}, dialect: ${found.dialect}`,
    `  folder: ${found.path}`,
    ...found.files.map(({ name, bytes }) => `    ${name}  ${number(bytes)} bytes`),
  ]
  if (found.unindexedRecords > 0) {
    lines.push(`  ${number(found.unindexedRecords)} records are not in the index and are not read`)
  }
  if (found.made === undefined) lines.push('  made by another tool: no manifest')
  else {
    const { tool, stage, fingerprint, skipped, sources } = found.made
    lines.push(`  made by ${tool} ${stage}, fingerprint ${fingerprint}, ${number(skipped)} skipped`)
    for (const source of sources) lines.push(...describeSource(source, '    '))
  }
  if (found.record !== undefined) lines.push(...describeRecord(found.record))
  return lines
}

function describeSource({ kind, name, licence, origin, sources }: Source, indent: string): string[] {
  const terms = [licence && `licence: ${licence}`, origin && `origin: ${origin}`].filter(Boolean)
  return [
    `${indent}from ${kind} ${name}${terms.length === 0 ? '' : ` (${terms.join(', ')})`}`,
    ...(sources ?? []).flatMap((source) => describeSource(source, `${indent}  `)),
  ]
}

async function filesOf({ files }: Dataset): Promise<{ name: string; bytes: number }[]> {
  const { records, index, list, property, manifest, identities, description } = files
  const paths = [records, index, list, property, manifest, identities, description].filter(
    (path) => path !== undefined,
  )
  return Promise.all(paths.map(async (path) => ({ name: basename(path), bytes: (await stat(path)).size })))
}

function medianOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1
  if (sorted.length === 0) return 0
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
