import { stat } from 'node:fs/promises'
import { type ManifestRow, readList } from '../../dataset/index.js'
import { FacedataError } from '../../errors/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { probe } from '../../image/index.js'
import type { PhotoPage, PhotoRow, PhotoSortName } from '../api.js'
import type { BrowsedDataset } from './browsed-dataset.js'
import { faultOf } from './photo-file.js'

/** A list is read through for the paths of some images, unless it is so long that a person would wait. */
const MOST_LIST_BYTES = 128 * 1024 * 1024

/** Some photos of an identity, in an order. @throws InputError where the manifest cannot be read */
export async function photoPage(
  dataset: BrowsedDataset,
  label: number,
  asked: { sort: PhotoSortName; from: number; count: number },
): Promise<PhotoPage> {
  const { positions, likeness } = await dataset.photoOrder.window(label, asked)
  const rows = await photoRows(dataset, [...positions])
  for (const [i, row] of rows.entries()) {
    const value = likeness?.[i]
    if (value !== undefined && !Number.isNaN(value)) row.similarity = value
  }
  const { noSimilarity } = dataset
  const total = dataset.photos.count(label)
  return { total, rows, ...(noSimilarity !== undefined && { noSimilarity }) }
}

/** Images with all that is known of them; a fault of one is told with it. @throws InputError */
export async function photoRows(dataset: BrowsedDataset, positions: number[]): Promise<PhotoRow[]> {
  const described = await dataset.manifest?.rows(positions)
  const paths = described === undefined ? await pathsInList(dataset, positions) : new Map<number, string>()
  const rows: PhotoRow[] = []
  for (const [i, position] of positions.entries()) {
    rows.push(await photoRow(dataset, position, described?.[i], paths.get(position)))
  }
  return rows
}

async function photoRow(
  dataset: BrowsedDataset,
  position: number,
  described: ManifestRow | undefined,
  path = described?.path,
): Promise<PhotoRow> {
  const { table, findings } = dataset
  const key = table.keys[position]!
  const source = described && dataset.dataset.description?.sources[described.source]?.name
  return {
    position,
    key,
    label: table.labels[position]!,
    offset: table.offsets[position]!,
    length: table.lengths[position]!,
    ...(path !== undefined && path !== '' && { path }),
    ...(source !== undefined && { source }),
    findings: findings?.of(key) ?? [],
    ...(await imageFields(dataset, position, described)),
  }
}

type ImageFields = Pick<PhotoRow, 'bytes' | 'format' | 'width' | 'height' | 'xxh64' | 'fault'>

async function imageFields(
  dataset: BrowsedDataset,
  position: number,
  described: ManifestRow | undefined,
): Promise<ImageFields> {
  const stored = described && hashToHex(described.xxh64)
  try {
    const bytes = await dataset.bytes(position)
    const probed = probe(bytes)
    const xxh64Now = hashToHex(xxh64(bytes))
    const fault =
      stored !== undefined && xxh64Now !== stored
        ? `not the image that was stored: expected xxh64 ${stored}, found ${xxh64Now}`
        : faultOf(bytes)
    return {
      bytes: bytes.length,
      ...(probed !== undefined && { format: probed.format, width: probed.width, height: probed.height }),
      xxh64: stored ?? xxh64Now,
      ...(fault !== undefined && { fault }),
    }
  } catch (error) {
    if (!(error instanceof FacedataError)) throw error
    return { ...(stored !== undefined && { xxh64: stored }), fault: error.message }
  }
}

/** Paths by position, of a dataset without a manifest. */
async function pathsInList({ dataset, table }: BrowsedDataset, positions: number[]) {
  const paths = new Map<number, string>()
  const { list } = dataset.files
  if (list === undefined || (await stat(list)).size > MOST_LIST_BYTES) return paths
  const positionOf = new Map(positions.map((position) => [table.keys[position]!, position]))
  for await (const { key, path } of readList(list)) {
    const position = positionOf.get(key)
    if (position !== undefined) paths.set(position, path)
  }
  return paths
}
