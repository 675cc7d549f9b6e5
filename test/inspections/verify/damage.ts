import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatasetWriter, publishDataset, readManifest } from '../../../src/dataset/index.js'
import { type ManifestRow, ManifestWriter } from '../../../src/dataset/manifest.js'
import { encodeJpeg } from '../../../src/image/index.js'
import type { DatasetFault, DatasetVerification } from '../../../src/inspections/verify/verification.js'
import { type VerifyOptions, verify } from '../../../src/inspections/verify/verify.js'
import { OutputFile } from '../../../src/io/index.js'
import { readIndex } from '../../../src/recordio/index.js'
import { newDataset } from '../../dataset/make-dataset.js'
import { temporaryFolder } from '../../temporary-folder.js'

/** Images of each identity; one has none. */
const IMAGES = { ann: 3, bob: 0, cleo: 5, dan: 2 }

/** Pixels of a side. */
export const SIDE = 16

/** A JPEG of its own for each number. */
export function jpeg(number: number, side = SIDE): Uint8Array {
  const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 7 + number * 31) % 256)
  return encodeJpeg({ width: side, height: side, data }, 90)
}

const folder = temporaryFolder()
let copies = 0

/** A sound dataset of ten images with keys from 1, then four identity records with keys from 11; or another one. */
export async function soundDataset(
  dialect: 'insightface' | 'im2rec' = 'insightface',
  identities: Record<string, number> = IMAGES,
): Promise<string> {
  const output = join(folder, `sound-${copies++}`)
  const writer = await DatasetWriter.create(join(folder, '.scratch'), {
    ...newDataset,
    name: 'sound',
    dialect,
    height: SIDE,
    width: SIDE,
  })
  let number = 0
  for (const [name, images] of Object.entries(identities)) {
    const label = writer.addIdentity({ name, source: 0, sourceName: name, sourceLabel: -1 })
    for (let i = 0; i < images; i++) {
      writer.addImage({
        label,
        bytes: jpeg(number++),
        source: 0,
        path: `${name}/${i}.jpg`,
        width: SIDE,
        height: SIDE,
        format: 'jpeg',
      })
    }
  }
  writer.skip({ source: 'photos', path: 'dan/9.jpg', reason: 'the file is empty' })
  await publishDataset(await writer.finish(), output, { strict: false, replace: false })
  return output
}

/** A copy of a folder, to be damaged, without the files that are named. */
export async function copyOf(path: string, without: string[] = []): Promise<string> {
  const copy = join(folder, `copy-${copies++}`)
  await cp(path, copy, {
    recursive: true,
    dereference: true,
    filter: (from) => !without.some((name) => from.endsWith(name)),
  })
  return copy
}

/** What facedata alone writes: a dataset of another tool has none of these. */
export const OURS = ['manifest.arrow', 'identities.arrow', 'dataset.json', 'skipped.jsonl']

export async function faultsOf(
  path: string,
  options: VerifyOptions = {},
): Promise<{ faults: DatasetFault[]; found: DatasetVerification }> {
  const faults: DatasetFault[] = []
  const found = await verify(path, { ...options, onFault: (fault) => faults.push(fault) })
  return { faults, found }
}

/** Where the record with a key begins. */
export async function offsetOf(path: string, key: number): Promise<number> {
  const { keys, offsets } = await readIndex(join(path, 'train.idx'))
  return offsets[keys.indexOf(key)]!
}

export async function changeBytes(
  path: string,
  name: string,
  change: (bytes: Buffer) => Buffer | undefined,
): Promise<void> {
  const bytes = await readFile(join(path, name))
  await writeFile(join(path, name), change(bytes) ?? bytes)
}

export async function changeText(
  path: string,
  name: string,
  change: (text: string) => string,
): Promise<void> {
  const before = await readFile(join(path, name), 'utf8')
  const after = change(before)
  if (after === before) throw new Error(`nothing changed in ${name}`)
  await writeFile(join(path, name), after)
}

/** Writes the manifest again, with other rows. */
export async function changeManifest(
  path: string,
  change: (rows: ManifestRow[]) => ManifestRow[],
): Promise<void> {
  const rows: ManifestRow[] = []
  for await (const batch of readManifest(join(path, 'manifest.arrow'))) {
    for (let i = 0; i < batch.rows; i++) {
      rows.push({
        key: batch.keys[i]!,
        label: batch.labels[i]!,
        source: batch.sources[i]!,
        path: batch.path(i),
        offset: Number(batch.offsets[i]),
        length: batch.lengths[i]!,
        width: batch.widths[i]!,
        height: batch.heights[i]!,
        format: batch.formats[i]!,
        xxh64: batch.hashes[i]!,
      })
    }
  }
  const file = await OutputFile.create(join(path, 'manifest.arrow'))
  const writer = new ManifestWriter(file)
  for (const row of change(rows)) writer.append(row)
  await writer.finish()
  await file.close()
}
