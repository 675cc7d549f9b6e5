import { type Dataset, describedBatches, readManifest } from '../../dataset/index.js'
import { InputError } from '../../errors/index.js'
import { xxh64 } from '../../hash/xxh64.js'
import type { IdentityNames } from './identity-names.js'

/** The images of a dataset by columns, in file order: 20 bytes an image. */
export interface ImageColumns {
  count: number
  /** xxHash64 of the bytes of each. */
  hashes: BigUint64Array
  /** Numbers of their identities. */
  identities: Uint32Array
  /** xxHash64 of the path of each; 0 where there is none. */
  paths: BigUint64Array
}

/** What is compared of an image, and by what it is told. */
interface ImageRow {
  key: number
  label: number
  path: string
  xxh64: bigint
}

/** Number of the identity of each label. One without a name is known by its label. */
export async function identitiesByLabel(dataset: Dataset, names: IdentityNames): Promise<Uint32Array> {
  const byLabel = await dataset.identityNames()
  return Uint32Array.from({ length: dataset.identityCount }, (_, label) =>
    names.numberOf(byLabel[label] ?? `label ${label}`),
  )
}

/** @throws InputError; the reason of `signal` */
export async function readImageColumns(
  dataset: Dataset,
  identities: Uint32Array,
  signal: AbortSignal | undefined,
): Promise<ImageColumns> {
  const columns = {
    count: 0,
    hashes: new BigUint64Array(dataset.imageCount),
    identities: new Uint32Array(dataset.imageCount),
    paths: new BigUint64Array(dataset.imageCount),
  }
  for await (const rows of imageRows(dataset, signal)) {
    for (const { key, label, path, xxh64: hash } of rows) {
      const i = columns.count++
      if (i >= dataset.imageCount) break
      columns.hashes[i] = hash
      columns.identities[i] = identities[label] ?? refuseLabel(dataset, key, label)
      columns.paths[i] = path === '' ? 0n : xxh64(Buffer.from(path, 'utf8'))
    }
  }
  if (columns.count === dataset.imageCount) return columns
  throw new InputError({
    file: dataset.files.manifest ?? dataset.files.records,
    problem: 'it holds another number of images than the dataset',
    expected: dataset.imageCount,
    actual: columns.count,
    fix: '`facedata verify` tells what is wrong.',
  })
}

function refuseLabel({ files, identityCount }: Dataset, key: number, label: number): never {
  throw new InputError({
    file: files.manifest ?? files.records,
    record: key,
    problem: 'the label has no identity in this dataset',
    expected: `less than ${identityCount}`,
    actual: label,
    fix: '`facedata verify` tells what is wrong.',
  })
}

/**
 * The images in file order, some thousand at a time: by the manifest where there is one, whose hashes are taken as they
 * are; else every image is read and hashed.
 */
export async function* imageRows(
  dataset: Dataset,
  signal: AbortSignal | undefined,
): AsyncGenerator<ImageRow[]> {
  const { description, files } = dataset
  if (description === undefined || files.manifest === undefined) {
    yield* describedBatches(dataset, signal)
    return
  }
  for await (const batch of readManifest(files.manifest)) {
    signal?.throwIfAborted()
    yield Array.from({ length: batch.rows }, (_, row) => ({
      key: batch.keys[row]!,
      label: batch.labels[row]!,
      path: batch.path(row),
      xxh64: batch.hashes[row]!,
    }))
  }
}
