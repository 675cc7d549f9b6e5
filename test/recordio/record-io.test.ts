import { closeSync, openSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import {
  PAYLOAD_LIMIT,
  RecordReader,
  RecordWriter,
  readRecordSync,
  recordBytes,
} from '../../src/recordio/index.js'
import { temporaryFolder } from '../temporary-folder.js'
import { readRecords, writeRecords } from './record-files.js'

const folder = temporaryFolder()
const MAGIC = [0x0a, 0x23, 0xd7, 0xce]

/** Payloads of pieces: magic words, parts of them and noise, so that words land at any alignment. */
const payload = fc
  .array(
    fc.oneof(fc.constant(MAGIC), fc.constant(MAGIC.slice(0, 3)), fc.array(fc.nat(255), { maxLength: 9 })),
    {
      maxLength: 12,
    },
  )
  .map((pieces) => Uint8Array.from(pieces.flat()))

describe('a list of payloads', () => {
  it('comes back equal, streamed, by offset and synchronously, wherever magic words stand', async () => {
    const path = join(folder, 'any.rec')
    await fc.assert(
      fc.asyncProperty(fc.array(payload, { maxLength: 8 }), async (payloads) => {
        const offsets = await writeRecords(path, payloads)
        const expected = payloads.map((bytes) => Buffer.from(bytes).toString('hex'))
        expect(await readRecords(path)).toEqual(expected)
        const reader = await RecordReader.open(path)
        for (const [i, offset] of offsets.entries()) {
          const record = await reader.readAt(offset)
          const sync = readRecordSync(reader.file.descriptor, path, offset, payloads[i]!.length).payload
          expect(Buffer.from(record.payload).toString('hex')).toBe(expected[i])
          expect(Buffer.from(sync).toString('hex')).toBe(expected[i])
          expect(record.end).toBe(offsets[i + 1] ?? reader.file.size)
        }
        await reader.close()
      }),
      { numRuns: 150 },
    )
  })

  it('is the same file whether a payload is given whole or in pieces', async () => {
    await fc.assert(
      fc.asyncProperty(payload, fc.array(fc.nat(60), { maxLength: 4 }), async (bytes, cuts) => {
        const ends = [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
        const pieces = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
        expect(await written(...pieces)).toEqual(await written(bytes))
      }),
      { numRuns: 100 },
    )
  })

  it('of every length mod 4 is padded with zeros to 4 bytes', async () => {
    for (const length of [0, 1, 2, 3, 4, 5]) {
      const file = await written(new Uint8Array(length).fill(0xff))
      expect(file.length).toBe(recordBytes(length))
      expect(file.length % 4).toBe(0)
      expect(file.subarray(8 + length).every((byte) => byte === 0)).toBe(true)
    }
  })

  it('may be larger than the buffers of reader and writer', async () => {
    const path = join(folder, 'large.rec')
    const large = new Uint8Array(9 * 1024 * 1024).fill(7)
    large.set(MAGIC, 8 * 1024 * 1024)
    const payloads = [Uint8Array.of(1), large, Uint8Array.of(2), large.subarray(1), large.subarray(5), large]
    const offsets = await writeRecords(path, payloads)
    const reader = await RecordReader.open(path)
    let i = 0
    for await (const record of reader.records()) {
      expect(record.offset).toBe(offsets[i])
      expect(Buffer.compare(record.payload, payloads[i]!)).toBe(0)
      expect(Buffer.compare((await reader.readAt(record.offset)).payload, payloads[i++]!)).toBe(0)
    }
    expect(i).toBe(payloads.length)
    i = 0
    for await (const batch of reader.batches(0, reader.file.size, 'reused')) {
      for (const { payload } of batch) expect(Buffer.compare(payload, payloads[i++]!)).toBe(0)
    }
    expect(i).toBe(payloads.length)
    await reader.close()
  })

  it('can be read between two record boundaries', async () => {
    const path = join(folder, 'range.rec')
    const offsets = await writeRecords(
      path,
      [1, 2, 3, 4].map((byte) => Uint8Array.of(byte)),
    )
    const reader = await RecordReader.open(path)
    const found: number[] = []
    for await (const batch of reader.batches(offsets[1], offsets[3])) {
      for (const record of batch) found.push(record.payload[0]!)
    }
    await reader.close()
    expect(found).toEqual([2, 3])
  })

  it('of 2^29 bytes is refused, and nothing of it is written', async () => {
    const writer = new RecordWriter({ write: () => Promise.reject(new Error('written')) })
    // Sixteen views of one array: the limit is checked before a byte is touched.
    const piece = new Uint8Array(PAYLOAD_LIMIT / 16)
    const append = async () => writer.append(...new Array<Uint8Array>(16).fill(piece))
    expect(await faultOf(append())).toMatchObject({ actual: PAYLOAD_LIMIT })
    await writer.flush()
    expect(writer.position).toBe(0)
  })
})

it('passes on the error of a sink that fails while the next block is filled', async () => {
  const writer = new RecordWriter({ write: () => Promise.reject(new Error('disk full')) })
  const megabyte = new Uint8Array(1024 * 1024)
  const writing = (async () => {
    for (let i = 0; i < 20; i++) {
      writer.append(megabyte)
      await writer.ready()
    }
  })()
  await expect(writing).rejects.toThrow('disk full')
})

describe('damaged files', () => {
  const sound = [Uint8Array.from([...MAGIC, 1, 2, 3, 4, ...MAGIC, 5]), Uint8Array.of(9, 9)]

  it('cut anywhere give an error with place and size, or the records before the cut', async () => {
    const path = join(folder, 'cut.rec')
    const [, second] = await writeRecords(path, sound)
    const bytes = await readFile(path)
    for (let size = 0; size < bytes.length; size++) {
      await writeFile(path, bytes.subarray(0, size))
      const outcome = await readRecords(path).catch((error: unknown) => error)
      if (size === 0) expect(outcome).toEqual([])
      else if (size === second) expect(outcome).toHaveLength(1)
      else {
        expect(outcome).toBeInstanceOf(InputError)
        const { fault } = outcome as InputError
        expect(fault).toMatchObject({ file: path, problem: 'the file ends inside a record' })
        expect(fault.offset).toBe(size < second! ? 0 : second)
        expect(fault.actual).toBe(size - fault.offset!)
      }
    }
  })

  it('with a wrong magic word name offset, expected and found', async () => {
    const path = join(folder, 'magic.rec')
    const [, second] = await writeRecords(path, sound)
    const bytes = await readFile(path)
    bytes[second! + 3] = 0xcf
    await writeFile(path, bytes)
    const fault = await faultOf(readRecords(path))
    expect(fault).toMatchObject({ file: path, offset: second, expected: '0xced7230a', actual: '0xcfd7230a' })
  })

  it('with part flags in a wrong order name the flag', async () => {
    const path = join(folder, 'flag.rec')
    await writeRecords(path, sound)
    const bytes = await readFile(path)
    for (const [at, flag] of [
      [0, 2],
      [0, 3],
      [0, 5],
      [8, 0],
      [8, 1],
      [8, 7],
    ] as const) {
      const changed = Buffer.from(bytes)
      changed[at + 7] = (changed[at + 7]! & 0x1f) | (flag << 5)
      await writeFile(path, changed)
      const fault = await faultOf(readRecords(path))
      expect(fault).toMatchObject({ file: path, offset: at, actual: flag })
      expect(fault.problem).toContain('part flag')
    }
  })

  it('with any byte changed never fail otherwise', async () => {
    const path = join(folder, 'changed.rec')
    await writeRecords(path, sound)
    const bytes = await readFile(path)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (at, value) => {
        const changed = Buffer.from(bytes)
        changed[at] = value
        await writeFile(path, changed)
        const outcome = await readRecords(path).catch((error: unknown) => error)
        expect(Array.isArray(outcome) || outcome instanceof InputError).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('read by an offset beyond the end are an error too', async () => {
    const path = join(folder, 'beyond.rec')
    await writeRecords(path, sound)
    const reader = await RecordReader.open(path)
    expect(await faultOf(reader.readAt(10_000))).toMatchObject({ offset: 10_000, actual: 0 })
    await reader.close()
    const descriptor = openSync(path, 'r')
    expect(() => readRecordSync(descriptor, path, 10_000, 4)).toThrow(InputError)
    closeSync(descriptor)
  })
})

async function written(...pieces: Uint8Array[]): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  const writer = new RecordWriter({
    write: async (...bytes) => void chunks.push(...bytes.map((piece) => Uint8Array.from(piece))),
  })
  writer.append(...pieces)
  await writer.flush()
  return Buffer.concat(chunks)
}

async function faultOf(promise: Promise<unknown>) {
  const error = await promise.catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(InputError)
  return (error as InputError).fault
}
