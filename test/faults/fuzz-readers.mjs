// What each kind of file must give, damaged or not: a FacedataError, or a result in which all before the damage is right.
import { closeSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { Dataset, describedImages, readImageSync, readList } from '../../dist/dataset/index.js'
import { readProperty } from '../../dist/dataset/property.js'
import { FacedataError } from '../../dist/errors/index.js'
import { PytorchFile, StoredTensor } from '../../dist/pytorch/index.js'
import { RecordReader, readIndex, readRecordSync } from '../../dist/recordio/index.js'
import { readBin } from '../../dist/verification/index.js'

/** Lengths of a payload that an index may tell. */
const LENGTHS = [0, 100, 400, 2 ** 29 - 1, 2 ** 29, 2 ** 31, 2 ** 32 - 1]

/** Reads the sound file once; returns a function that reads a damaged one at `path` and throws where it is read wrong. */
export const readers = {
  async rec(path, _bytes) {
    const sound = await records(path)
    return async ({ first, random }) => {
      const reader = await RecordReader.open(path)
      const untouched = sound.filter(({ end }) => end <= first)
      let next = 0
      const check = (record, expected) => {
        if (expected === undefined) return
        if (record.offset !== expected.offset || !expected.payload.equals(record.payload)) {
          throw new Error(`the record at ${expected.offset}, before the damage, is read wrong`)
        }
      }
      try {
        const { offset } = sound[random.integer(sound.length)]
        const expected = untouched.find((record) => record.offset === offset)
        const length = LENGTHS[random.integer(LENGTHS.length)]
        await allowed(async () => check(await reader.readAt(offset), expected))
        await allowed(() => check(readRecordSync(reader.file.descriptor, path, offset, length), expected))
        for await (const batch of reader.batches()) {
          for (const record of batch) check(record, untouched[next++])
        }
      } catch (error) {
        if (next < untouched.length) {
          throw new Error(`${next} of ${untouched.length} records before the damage are read`, {
            cause: error,
          })
        }
        throw error
      } finally {
        await reader.close()
      }
    }
  },

  async idx(path, bytes) {
    const sound = await readIndex(path)
    return async ({ first }) => {
      const untouched = linesBefore(bytes, first)
      const found = await readIndex(path)
      for (let i = 0; i < untouched; i++) {
        if (found.keys[i] !== sound.keys[i] || found.offsets[i] !== sound.offsets[i]) {
          throw new Error(`line ${i + 1}, before the damage, is read wrong`)
        }
      }
      for (const value of [...found.keys, ...found.offsets]) {
        if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${value} is no key or offset`)
      }
    }
  },

  async lst(path, bytes) {
    const sound = []
    for await (const row of readList(path)) sound.push(row)
    return async ({ first }) => {
      const untouched = linesBefore(bytes, first)
      let next = 0
      for await (const row of readList(path)) {
        const expected = sound[next++]
        if (next <= untouched && JSON.stringify(row) !== JSON.stringify(expected)) {
          throw new Error(`line ${next}, before the damage, is read wrong`)
        }
        if (!Number.isSafeInteger(row.key) || !Number.isFinite(row.label))
          throw new Error('a row of no numbers')
      }
    }
  },

  async property(path) {
    await readProperty(path)
    return async () => {
      for (const value of Object.values(await readProperty(path))) {
        if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${value} is no count`)
      }
    }
  },

  async bin(path) {
    const { images } = await readBin(path)
    const sound = images.map((image) => ({ bytes: Buffer.from(image), end: image.byteOffset + image.length }))
    return async ({ first }) => {
      const found = await readBin(path)
      if (found.images.length !== 2 * found.same.length) throw new Error('images and labels do not fit')
      for (const [i, { bytes, end }] of sound.entries()) {
        if (end <= first && !bytes.equals(found.images[i]))
          throw new Error(`image ${i}, before the damage, is read wrong`)
      }
    }
  },

  /** Every member has a checksum: what is read at all is right. */
  async pt(path) {
    const sound = new Map((await tensors(path)).map((tensor) => [describe(tensor), tensor]))
    return async () => {
      for (const tensor of await tensors(path)) {
        const expected = sound.get(describe(tensor))
        if (expected === undefined || String(expected.data) !== String(tensor.data)) {
          throw new Error(`a tensor is read wrong: ${describe(tensor)}`)
        }
      }
    }
  },

  /** `path` is a file of a dataset, which is read as a whole. */
  async dataset(path) {
    const folder = dirname(path)
    return async () => {
      const dataset = await Dataset.open(folder)
      const { identityCount: identities, files } = dataset
      const checkLabel = (label) => {
        if (!(label >= 0 && label < identities)) throw new Error(`label ${label} of ${identities}`)
      }
      try {
        const { labels, offsets, lengths } = await dataset.table()
        labels.forEach(checkLabel)
        for (let i = 0; i < Math.min(labels.length, 4); i++) {
          await allowed(() => readImageAt(files.records, offsets[i], lengths[i]))
        }
        await allowed(() => dataset.identities())
        await allowed(() => dataset.identityNames())
        for await (const { label } of describedImages(dataset)) checkLabel(label)
      } finally {
        await dataset.close()
      }
    }
  },
}

/** As the threads of the training loader read. */
function readImageAt(path, offset, length) {
  const descriptor = openSync(path, 'r')
  try {
    readImageSync(descriptor, path, offset, length)
  } finally {
    closeSync(descriptor)
  }
}

/** Passes over the errors that damage may cause. */
export async function allowed(action) {
  try {
    await action()
  } catch (error) {
    if (!(error instanceof FacedataError)) throw error
  }
}

async function records(path) {
  const reader = await RecordReader.open(path)
  const found = []
  for await (const batch of reader.batches()) {
    for (const { offset, end, payload } of batch) found.push({ offset, end, payload: Buffer.from(payload) })
  }
  await reader.close()
  return found
}

/** All tensors of a file of PyTorch, wherever they stand in it, those of one name under each other. */
async function tensors(path) {
  const file = await PytorchFile.open(path)
  const found = []
  const visit = async (value, name) => {
    if (value instanceof StoredTensor) found.push({ name, ...(await file.read(value)) })
    if (value instanceof Map) for (const [key, item] of value) await visit(item, `${name}.${key}`)
  }
  try {
    await visit(file.value, '')
  } finally {
    await file.close()
  }
  return found
}

function describe({ name, dtype, shape }) {
  return `${name} ${dtype} [${shape}]`
}

/** Whole lines before a place. */
function linesBefore(bytes, first) {
  return bytes.toString('latin1', 0, first).split('\n').length - 1
}
