import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { Dataset, DatasetWriter, type WrittenDataset } from '../../src/dataset/index.js'
import { UsageError } from '../../src/errors/index.js'
import { RecordReader, unpackImage } from '../../src/recordio/index.js'
import { temporaryFolder } from '../temporary-folder.js'
import { newDataset } from './make-dataset.js'

/** The last whole number that float32 holds without a gap below it: labels and range records are float32. */
const BORDER = 2 ** 24
const folder = temporaryFolder()
const bytes = Uint8Array.of(0xff)

/** Writes datasets of one-byte images, all but the last of one identity. */
async function write(dialect: 'insightface' | 'im2rec', images: number): Promise<DatasetWriter> {
  const writer = await DatasetWriter.create(join(folder, dialect), { ...newDataset, dialect })
  const labels = ['most', 'last'].map((name) =>
    writer.addIdentity({ name, source: 0, sourceName: name, sourceLabel: -1 }),
  )
  for (let i = 1; i <= images; i++) {
    writer.addImage(image(i < images ? labels[0]! : labels[1]!))
    if (writer.behind) await writer.ready()
  }
  return writer
}

function image(label: number) {
  return { label, bytes, source: 0, path: '', width: 1, height: 1, format: 'jpeg', xxh64: 0n }
}

async function recordAt(path: string, offset: number) {
  const reader = await RecordReader.open(path)
  try {
    return unpackImage((await reader.readAt(offset)).payload, { file: path, offset }).header
  } finally {
    await reader.close()
  }
}

describe(`${BORDER} records by identity`, () => {
  let refusal: unknown
  let written: WrittenDataset
  let dataset: Dataset

  beforeAll(async () => {
    // Record 0 and two identity records are records too.
    const writer = await write('insightface', BORDER - 3)
    try {
      writer.addImage(image(1))
    } catch (error) {
      refusal = error
    }
    written = await writer.finish()
    dataset = await Dataset.open(written.folder)
    return () => dataset.close()
  }, 600_000)

  it('are written, their ranges exact, and one more is refused with the other dialect named', async () => {
    expect(refusal).toBeInstanceOf(UsageError)
    expect(String(refusal)).toContain('--dialect im2rec')
    expect(written.description).toMatchObject({ images: BORDER - 3, identities: 2 })
    const { keys, offsets, lengths } = await dataset.table()
    const last = dataset.imageCount - 1
    expect([keys[0], keys[last]]).toEqual([1, BORDER - 3])
    const end = offsets[last]! + 8 + Math.ceil(lengths[last]! / 4) * 4
    const header = await recordAt(dataset.files.records, end)
    expect([...header.labels]).toEqual([BORDER - 2, BORDER])
    const range = await recordAt(dataset.files.records, end + 40 + 40)
    expect([Number(range.id), ...range.labels]).toEqual([BORDER - 1, BORDER - 3, BORDER - 2])
  })

  it('are read by the index and the header alone, as a dataset of another tool', async () => {
    await rm(join(written.folder, 'dataset.json'))
    const foreign = await Dataset.open(written.folder)
    expect(foreign).toMatchObject({ dialect: 'insightface', imageCount: BORDER - 3, identityCount: 2 })
    await foreign.close()
  }, 600_000)
})

it('the other dialect goes on beyond: keys are exact in the index and the ids', async () => {
  const { folder } = await (await write('im2rec', BORDER + 2)).finish()
  const dataset = await Dataset.open(folder)
  const { keys, offsets, labels } = await dataset.table()
  expect([...keys.slice(-3)]).toEqual([BORDER - 1, BORDER, BORDER + 1])
  expect([...labels.slice(-2)]).toEqual([0, 1])
  const ids = await Promise.all(
    [...offsets.slice(-2)].map(async (offset) => (await recordAt(dataset.files.records, offset)).id),
  )
  expect(ids).toEqual([BigInt(BORDER), BigInt(BORDER + 1)])
  await dataset.close()
}, 600_000)
