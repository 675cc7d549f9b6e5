import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Dataset, readList } from '../../src/dataset/index.js'
import { FacedataError, type InputError } from '../../src/errors/index.js'
import { OutputFile } from '../../src/io/index.js'
import { RecordReader, RecordWriter, readIndex, readRecordSync } from '../../src/recordio/index.js'
import { readBin } from '../../src/verification/index.js'
import { publishTiny, writeForeign } from '../dataset/make-dataset.js'
import { memoryFolder } from './memory-folder.js'

const MEGABYTE = 2 ** 20

const folder = memoryFolder()
const path = join(folder, 'file')

const MAGIC = '0a23d7ce'
const word = (value: number) => Buffer.from(Uint32Array.of(value).buffer)
const part = (flag: number, length: number) =>
  Buffer.concat([Buffer.from(MAGIC, 'hex'), word(((flag << 29) | length) >>> 0)])

/** The error of an action, and the megabytes that it added to the most memory ever held here. */
async function failure(action: () => Promise<unknown>): Promise<{ error: unknown; megabytes: number }> {
  const before = process.resourceUsage().maxRSS
  const error = await action().catch((cause: unknown) => cause)
  return { error, megabytes: (process.resourceUsage().maxRSS - before) / 1024 }
}

async function allRecords(file: string): Promise<number> {
  const reader = await RecordReader.open(file)
  try {
    let records = 0
    for await (const batch of reader.batches()) records += batch.length
    return records
  } finally {
    await reader.close()
  }
}

/** A damaged copy of a dataset: `name` is overwritten. */
async function damaged(of: 'ours' | 'foreign', name: string, content: string | Buffer): Promise<string> {
  const copy = join(folder, `${of}-${name}`)
  if (of === 'ours') await publishTiny(folder, `${of}-${name}`, { ann: 2 })
  else {
    mkdirSync(copy, { recursive: true })
    await writeForeign(join(copy, 'train'), [{ key: 0, labels: [0], bytes: Buffer.from('image') }])
  }
  writeFileSync(join(copy, name), content)
  return copy
}

async function everything(dataset: string): Promise<void> {
  const opened = await Dataset.open(dataset)
  try {
    await opened.table()
    await opened.identities()
  } finally {
    await opened.close()
  }
}

describe('a length, an offset or a count that no file can keep', () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a part of 2^29 - 1 bytes in a file of 100',
      async () => {
        writeFileSync(path, Buffer.concat([part(0, 2 ** 29 - 1), Buffer.alloc(92)]))
        await allRecords(path)
      },
      /the file ends inside a record: expected 536870920 bytes or more, found 100/,
    ],
    [
      'the same, read at its offset',
      async () => {
        const reader = await RecordReader.open(path)
        await reader.readAt(0).finally(() => reader.close())
      },
      /the file ends inside a record/,
    ],
    [
      'a payload of 4 GB by the manifest',
      async () => {
        const reader = await RecordReader.open(path)
        try {
          readRecordSync(reader.file.descriptor, path, 0, 2 ** 32 - 1)
        } finally {
          await reader.close()
        }
      },
      /the file ends inside a record/,
    ],
    [
      'parts that are half a gigabyte together, in a file with holes',
      async () => {
        const long = 2 ** 28
        const file = await OutputFile.create(path)
        await file.write(part(1, long))
        await file.close()
        truncateSync(path, 8 + long)
        const { appendFileSync } = await import('node:fs')
        appendFileSync(path, part(2, long))
        truncateSync(path, 2 * (8 + long) + 8)
        await allRecords(path)
      },
      /the parts of a record are longer together than RecordIO allows/,
    ],
    [
      'an index of offsets up to 10^15',
      async () => everything(await damaged('foreign', 'train.idx', '0\t0\n1\t1000000000000000\n')),
      /train\.idx: record 1: the index names an offset beyond the end of the \.rec file/,
    ],
    [
      'an index of a number above 2^53',
      async () => {
        writeFileSync(path, '0\t99999999999999999999\n')
        await readIndex(path)
      },
      /line 1: not an index line/,
    ],
    [
      'a property file of 10^12 classes',
      async () => everything(await damaged('foreign', 'property', '1000000000000,112,112')),
      /property: line 1: not a property line: expected at most 16777217 classes/,
    ],
    [
      'a description of 10^12 images',
      async () => {
        const dataset = await damaged('ours', 'property', '1,112,112')
        const { readFileSync } = await import('node:fs')
        const json = readFileSync(join(dataset, 'dataset.json'), 'utf8')
        writeFileSync(join(dataset, 'dataset.json'), json.replace('"images": 2', '"images": 1000000000000'))
        await everything(dataset)
      },
      /dataset\.json: it states more images than its files can hold/,
    ],
    [
      'a list line of 100 MB',
      async () => {
        writeFileSync(path, Buffer.alloc(100 * MEGABYTE, '7'))
        for await (const _ of readList(path));
      },
      /line 1: not a list line/,
    ],
    [
      'a pickle of bytes of 2^60',
      async () => {
        // PROTO 4, MARK, BINBYTES8 with its length, and no bytes.
        writeFileSync(path, Buffer.from('8004288e0000000000000010', 'hex'))
        await readBin(path)
      },
      /pickle opcode BINBYTES8: its argument should have 1152921504606847000 bytes, the file has 0 left/,
    ],
    [
      'a pickle of ten million lists',
      async () => {
        writeFileSync(
          path,
          Buffer.concat([Buffer.from('8004', 'hex'), Buffer.alloc(10_000_000, ']'), Buffer.from('.')]),
        )
        await readBin(path)
      },
      /the pickle would take more than \d+ bytes of memory beside its own/,
    ],
  ])('(%s) is a typed error, and takes no memory of that size', async (_, action, message) => {
    const { error, megabytes } = await failure(action)
    expect(error).toBeInstanceOf(FacedataError)
    expect((error as InputError).message).toMatch(message)
    expect(megabytes).toBeLessThan(700)
  })
})

describe('a record of a million parts', () => {
  it('is read as fast as its bytes, in each way that records are read', async () => {
    const payload = Buffer.alloc(4 * MEGABYTE, Buffer.from(MAGIC, 'hex'))
    const file = await OutputFile.create(path)
    const writer = new RecordWriter(file)
    const offset = writer.append(Buffer.from('before'))
    const second = writer.append(payload)
    await writer.flush()
    await file.close()
    const reader = await RecordReader.open(path)
    try {
      expect(offset).toBe(0)
      expect(payload.equals((await reader.readAt(second)).payload)).toBe(true)
      expect(payload.equals(reader.readAtSync(second, payload.length).payload)).toBe(true)
      const sizes: number[] = []
      for await (const batch of reader.batches()) sizes.push(...batch.map(({ payload }) => payload.length))
      expect(sizes).toEqual([6, payload.length])
    } finally {
      await reader.close()
    }
  })
})
