import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import { dialects } from '../../src/dataset/dialects/index.js'
import { checkCapacity, DatasetWriter, type WrittenDataset } from '../../src/dataset/index.js'
import { FacedataError, UsageError } from '../../src/errors/index.js'
import { hashToHex, xxh64 } from '../../src/hash/xxh64.js'
import { RecordReader, readIndex, unpackImage } from '../../src/recordio/index.js'
import { temporaryFolder } from '../temporary-folder.js'
import { imageBytes, newDataset, writeDataset } from './make-dataset.js'

const folder = temporaryFolder()
const people = { ann: 3, bob: 0, cleo: 4 }

/** Every record by key: labels and image. */
async function recordsOf({ folder }: WrittenDataset) {
  const reader = await RecordReader.open(join(folder, 'train.rec'))
  const { keys, offsets } = await readIndex(join(folder, 'train.idx'))
  const records = new Map<number, { id: number; labels: number[]; image: string }>()
  for (const [i, key] of keys.entries()) {
    const { payload, offset } = await reader.readAt(offsets[i]!)
    const { header, image } = unpackImage(payload, { file: 'train.rec', offset })
    const labels = header.flag === 0 ? [header.label] : [...header.labels]
    records.set(key, { id: Number(header.id), labels, image: Buffer.from(image).toString() })
  }
  await reader.close()
  return records
}

describe('the insightface dialect', () => {
  it('has images from key 1, record 0 with the identity records, and each identity with its range', async () => {
    const written = await writeDataset(join(folder, 'insightface'), people)
    const records = await recordsOf(written)
    expect([...records.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7, 0, 8, 9, 10])
    expect(records.get(0)).toEqual({ id: 0, labels: [8, 11], image: '' })
    expect(records.get(8)).toEqual({ id: 8, labels: [1, 4], image: '' })
    expect(records.get(9)).toEqual({ id: 9, labels: [4, 4], image: '' })
    expect(records.get(10)).toEqual({ id: 10, labels: [4, 8], image: '' })
    expect(records.get(5)).toEqual({ id: 5, labels: [2], image: imageBytes('cleo', 1).toString() })
    expect(await readFile(join(written.folder, 'property'), 'utf8')).toBe('3,112,112\n')
    expect(written.description).toMatchObject({ images: 7, identities: 3, emptyIdentities: 1, skipped: 0 })
  })

  it('refuses images out of the order of labels', async () => {
    const writer = await DatasetWriter.create(join(folder, 'order'), newDataset)
    for (const name of ['ann', 'bob']) addPerson(writer, name)
    writer.addImage(image(1))
    expect(() => writer.addImage(image(0))).toThrow(FacedataError)
    await writer.discard()
  })

  it('with more records than float32 counts is refused as it grows, in words that name the other dialect', async () => {
    const { recordLimit } = dialects.insightface
    dialects.insightface.recordLimit = { ...recordLimit, count: 6 }
    try {
      const writer = await DatasetWriter.create(join(folder, 'limit'), newDataset)
      addPerson(writer, 'ann')
      for (let i = 0; i < 4; i++) writer.addImage(image(0))
      expect(() => writer.addImage(image(0))).toThrow(/--dialect im2rec/)
      expect(() => addPerson(writer, 'bob')).toThrow(UsageError)
      await writer.discard()
    } finally {
      dialects.insightface.recordLimit = recordLimit
    }
  })
})

describe('capacity', () => {
  it('ends where float32 stops counting', () => {
    // Images, identity records and record 0 have keys up to 2^24.
    expect(() => checkCapacity('insightface', 16_777_000, 215)).not.toThrow()
    expect(() => checkCapacity('insightface', 16_777_000, 216)).toThrow(/16777216 records.*--dialect im2rec/)
    expect(() => checkCapacity('im2rec', 50_000_000, 16_777_217)).not.toThrow()
    expect(() => checkCapacity('im2rec', 50_000_000, 16_777_218)).toThrow(/labels are float32/)
  })
})

describe('the im2rec dialect', () => {
  it('has images alone, from key 0, in any order', async () => {
    const writer = await DatasetWriter.create(join(folder, 'im2rec'), { ...newDataset, dialect: 'im2rec' })
    for (const name of ['ann', 'bob']) addPerson(writer, name)
    for (const label of [1, 0, 1]) writer.addImage(image(label))
    const records = await recordsOf(await writer.finish())
    expect([...records].map(([key, { labels }]) => [key, ...labels])).toEqual([
      [0, 1],
      [1, 0],
      [2, 1],
    ])
  })
})

describe('every dataset', () => {
  it('keeps the labels after the first', async () => {
    const writer = await DatasetWriter.create(join(folder, 'extra'), newDataset)
    addPerson(writer, 'ann')
    writer.addImage({ ...image(0), extraLabels: Float32Array.of(1, 0.5) })
    const records = await recordsOf(await writer.finish())
    expect(records.get(1)!.labels).toEqual([0, 1, 0.5])
  })

  it('has a manifest and identities that any Arrow reader reads', async () => {
    const written = await writeDataset(join(folder, 'arrow'), people)
    const manifest = tableFromIPC(await readFile(join(written.folder, 'manifest.arrow')))
    expect(manifest.numRows).toBe(7)
    const { keys, offsets } = await readIndex(join(written.folder, 'train.idx'))
    for (const [row, key] of [...keys].filter((key) => key >= 1 && key <= 7).entries()) {
      const bytes = row < 3 ? imageBytes('ann', row) : imageBytes('cleo', row - 3)
      expect(manifest.get(row)!.toJSON()).toEqual({
        key,
        label: row < 3 ? 0 : 2,
        source: 0,
        path: row < 3 ? `ann/${row}.jpg` : `cleo/${row - 3}.jpg`,
        offset: BigInt(offsets[row]!),
        length: 24 + bytes.length,
        width: 112,
        height: 112,
        format: 1,
        xxh64: xxh64(bytes),
      })
    }
    const identities = tableFromIPC(await readFile(join(written.folder, 'identities.arrow')))
    const lineage = { source: 0, source_label: -1 }
    expect(identities.toArray().map((row) => row.toJSON())).toEqual([
      { label: 0, name: 'ann', records: 3, first_key: 1, source_name: 'ann', ...lineage },
      { label: 1, name: 'bob', records: 0, first_key: null, source_name: 'bob', ...lineage },
      { label: 2, name: 'cleo', records: 4, first_key: 4, source_name: 'cleo', ...lineage },
    ])
  })

  it('lists every image and every image left out, and hashes every file', async () => {
    const writer = await DatasetWriter.create(join(folder, 'files'), newDataset)
    addPerson(writer, 'ann')
    writer.addImage(image(0))
    writer.skip({ source: 'photos', path: 'ann/broken.jpg', reason: 'truncated' })
    const { folder: written, description } = await writer.finish()
    expect(await readFile(join(written, 'train.lst'), 'utf8')).toBe('1\t0\tann/0.jpg\n')
    const skipped = await readFile(join(written, 'skipped.jsonl'), 'utf8')
    expect(skipped).toBe('{"source":"photos","path":"ann/broken.jpg","reason":"truncated"}\n')
    expect(description.skipped).toBe(1)
    const names = await readdir(written)
    expect([...Object.keys(description.files), 'dataset.json'].sort()).toEqual(names.sort())
    for (const [name, { bytes, xxh64: hash }] of Object.entries(description.files)) {
      const content = await readFile(join(written, name))
      expect([name, content.length, hashToHex(xxh64(content))]).toEqual([name, bytes, hash])
    }
  })

  it('is the same, byte for byte, each time; another image makes another fingerprint', async () => {
    const first = await writeDataset(join(folder, 'once'), people)
    const second = await writeDataset(join(folder, 'twice'), people)
    const other = await writeDataset(join(folder, 'other'), { ...people, cleo: 5 })
    for (const name of await readdir(first.folder)) {
      expect(await readFile(join(second.folder, name)), name).toEqual(
        await readFile(join(first.folder, name)),
      )
    }
    expect(other.description.fingerprint).not.toBe(first.description.fingerprint)
  })

  it('that spans several batches of its manifest is whole', async () => {
    const written = await writeDataset(join(folder, 'batches'), { ann: 66_000 })
    const manifest = tableFromIPC(await readFile(join(written.folder, 'manifest.arrow')))
    expect(manifest.batches.length).toBe(2)
    expect(manifest.get(65_999)!.toJSON()).toMatchObject({ key: 66_000, path: 'ann/65999.jpg' })
  })
})

function addPerson(writer: DatasetWriter, name: string): void {
  writer.addIdentity({ name, source: 0, sourceName: name, sourceLabel: -1 })
}

function image(label: number) {
  const bytes = imageBytes('ann', 0)
  return { label, bytes, source: 0, path: 'ann/0.jpg', width: 112, height: 112, format: 'jpeg' }
}
