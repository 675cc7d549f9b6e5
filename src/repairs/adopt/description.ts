import { join } from 'node:path'
import {
  type Dataset,
  type DatasetDescription,
  foreignFingerprint,
  type IdentityTable,
  TOOL,
  withFingerprint,
} from '../../dataset/index.js'
import { InputFile } from '../../io/index.js'
import { hashOfFile } from '../following-hash.js'
import type { AdoptTarget } from './target.js'

export type FileHashes = Record<string, { bytes: number; xxh64: string }>

/** As `dataset.json` names them, whichever of them were there. */
const FILE_ORDER = [
  'train.rec',
  'train.idx',
  'train.lst',
  'property',
  'manifest.arrow',
  'identities.arrow',
  'skipped.jsonl',
]

/**
 * The description of an adopted dataset. Its source is the dataset as the other tool left it.
 * @param written hashes of `train.rec` and of the files that were written into `workshop`
 * @throws InputError
 */
export async function describeAdopted(
  { name, files }: AdoptTarget,
  { dialect, imageCount, height, width }: Dataset,
  { count, images }: IdentityTable,
  workshop: string,
  skipped: number,
  written: FileHashes,
): Promise<DatasetDescription> {
  const hashes: FileHashes = { ...written }
  if (files.index !== undefined) hashes['train.idx'] = await hashOfFile(files.index)
  if (files.list !== undefined) hashes['train.lst'] = await hashOfFile(files.list)
  if (files.property !== undefined) hashes['property'] = await hashOfFile(files.property)
  // With the index that it gets, so that an adoption that was stopped half-way and is begun again finds the same.
  const index = files.index ?? join(workshop, 'train.idx')
  return withFingerprint({
    format: 1,
    tool: TOOL,
    name,
    dialect,
    adopted: true,
    images: imageCount,
    identities: count,
    emptyIdentities: images.filter((ofIdentity) => ofIdentity === 0).length,
    skipped,
    height,
    width,
    stage: 'adopt',
    options: {},
    sources: [{ kind: 'dataset', name, fingerprint: await sourceFingerprint(files.records, index) }],
    files: Object.fromEntries(FILE_ORDER.map((file) => [file, hashes[file]!])),
  })
}

async function sourceFingerprint(records: string, index: string): Promise<string> {
  const file = await InputFile.open(records)
  try {
    return await foreignFingerprint(file, index)
  } finally {
    await file.close()
  }
}
