import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { InputError } from '../errors/index.js'
import { probe } from '../image/index.js'
import {
  IMAGE_HEADER_BYTES,
  type RecordIndex,
  RecordReader,
  readIndex,
  recordBytes,
  type StoredRecord,
  unpackImage,
} from '../recordio/index.js'
import type { DatasetFiles } from './dataset-files.js'
import { type DatasetDescription, readDescription } from './description.js'
import { type DialectName, detectLayout, type Layout } from './dialects/index.js'
import { buildIndex, type ImageOrder, orderById, orderByIndex, sortIndex } from './image-order.js'
import { walkByIndex } from './indexed-walk.js'
import { MOST_IDENTITIES } from './label.js'
import { type Property, readProperty } from './property.js'

/** Records in file order, and what tells which of them are images. */
export interface RecordWalk {
  batches: AsyncGenerator<StoredRecord[]>
  keyOf: ImageOrder
}

/** What is known of a dataset once it is open. */
export interface OpenedRecords {
  reader: RecordReader
  dialect: DialectName
  images: number
  /** Undefined where only the labels of all images tell it. */
  identities: number | undefined
  height: number
  width: number
  description: DatasetDescription | undefined
  /** In file order; undefined for a dataset of facedata. */
  index: RecordIndex | undefined
  /** The lines of the index that are images, in file order; undefined for a dataset of facedata. */
  imageIndex?(): RecordIndex
  /** A fresh walk over the records. `passedOver` is told of each record that the index does not name. */
  walk(memory: 'fresh' | 'reused', passedOver: (offset: number) => void): RecordWalk
}

/** A dataset of facedata: `dataset.json` says it all. @throws InputError where a file is missing or of another size */
export async function openDescribed(files: DatasetFiles, path: string): Promise<OpenedRecords> {
  const description = await readDescription(path)
  for (const name of ['train.rec', 'train.idx', 'manifest.arrow', 'identities.arrow']) {
    const expected = description.files[name]?.bytes ?? 0
    const actual = await stat(join(files.folder, name)).then(
      ({ size }) => size,
      () => undefined,
    )
    if (actual !== expected) {
      throw new InputError({
        file: join(files.folder, name),
        problem: 'not the file that dataset.json describes',
        expected: `${expected} bytes`,
        actual: actual === undefined ? 'no such file' : `${actual} bytes`,
        fix: `Copy the dataset again, or remove ${basename(path)}: the dataset is then read as one of another tool.`,
      })
    }
  }
  checkCounts(description, path)
  const reader = await RecordReader.open(files.records)
  return {
    reader,
    dialect: description.dialect,
    images: description.images,
    identities: description.identities,
    height: description.height,
    width: description.width,
    description,
    index: undefined,
    walk: (memory) => ({
      batches: reader.batches(0, reader.file.size, memory),
      keyOf: orderById(description.images),
    }),
  }
}

/** Refuses counts that the files cannot hold: memory is taken by them. @throws InputError */
function checkCounts({ images, identities, files }: DatasetDescription, path: string): void {
  const most = {
    images: (files['train.rec']?.bytes ?? 0) / recordBytes(IMAGE_HEADER_BYTES),
    identities: Math.min(files['identities.arrow']?.bytes ?? 0, MOST_IDENTITIES),
  }
  for (const [what, count] of Object.entries({ images, identities })) {
    const limit = Math.floor(most[what as keyof typeof most])
    if (count <= limit) continue
    throw new InputError({
      file: path,
      problem: `it states more ${what} than its files can hold`,
      expected: `at most ${limit}`,
      actual: count,
      fix: 'The description was damaged: copy the dataset again.',
    })
  }
}

/** A dataset of another tool: index, record 0 and `property` tell what they can. @throws InputError */
export async function openForeign(files: DatasetFiles): Promise<OpenedRecords> {
  const reader = await RecordReader.open(files.records)
  try {
    const property = files.property === undefined ? undefined : await readProperty(files.property)
    const stored = files.index === undefined ? await buildIndex(reader) : await readIndex(files.index)
    if (stored.keys.length === 0) {
      throw new InputError({ file: files.index ?? files.records, problem: 'the dataset holds no record' })
    }
    const index = sortIndex(stored, files.index ?? files.records, reader.file.size)
    const layout = await detectLayout(reader, index, property?.identities)
    const images = countImages(index, layout)
    if (images === 0) throw new InputError({ file: files.records, problem: 'the dataset holds no image' })
    return {
      reader,
      dialect: layout.dialect,
      images,
      identities: property?.identities ?? layout.identities,
      ...(property === undefined ? await sizeOfFirstImage(reader, index, layout) : sizeOf(property)),
      description: undefined,
      index,
      imageIndex: () => imagesOfIndex(index, layout),
      walk: (memory, passedOver) => ({
        batches: walkByIndex(reader, index, memory, passedOver),
        keyOf: orderByIndex(index, layout),
      }),
    }
  } catch (error) {
    await reader.close()
    throw error
  }
}

function countImages({ keys }: RecordIndex, { firstKey, endKey }: Layout): number {
  let images = 0
  for (const key of keys) if (key >= firstKey && key < endKey) images++
  return images
}

function imagesOfIndex({ keys, offsets }: RecordIndex, { firstKey, endKey }: Layout): RecordIndex {
  const isImage = (_: number, line: number) => keys[line]! >= firstKey && keys[line]! < endKey
  return { keys: keys.filter(isImage), offsets: offsets.filter(isImage) }
}

function sizeOf({ height, width }: Property) {
  return { height, width }
}

async function sizeOfFirstImage(reader: RecordReader, index: RecordIndex, { firstKey, endKey }: Layout) {
  const offset = index.offsets[index.keys.findIndex((key) => key >= firstKey && key < endKey)]!
  const { payload } = await reader.readAt(offset)
  const found = probe(unpackImage(payload, { file: reader.file.path, offset }).image)
  return { height: found?.height ?? 0, width: found?.width ?? 0 }
}
