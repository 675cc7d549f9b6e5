import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createXxh64, xxh64 } from '../../src/hash/xxh64.js'
import { InputFile } from '../../src/io/index.js'
import {
  type DamagedRange,
  type FlawedRecord,
  type JudgeRecord,
  packImageHeader,
  recordBytes,
  salvageRecords,
} from '../../src/recordio/index.js'
import { temporaryFolder } from '../temporary-folder.js'
import { writeRecords } from './record-files.js'

const folder = temporaryFolder()
const path = join(folder, 'train.rec')
const MAGIC = Buffer.from('0a23d7ce', 'hex')

/** Like an image: it ends with a mark, by which `judge` tells whether it is whole. */
function image(key: number, length: number): Buffer {
  const body = Buffer.alloc(length, 64 + key)
  body.write('end', length - 3)
  return Buffer.concat([packImageHeader({ label: key, id: BigInt(key) }), body])
}

const judge: JudgeRecord = (payload) => Buffer.from(payload.subarray(-3)).toString() === 'end'

/** Ten records of different lengths, every length mod 4. */
const payloads = Array.from({ length: 10 }, (_, key) => image(key, 200 + 7 * key))
const offsets = await writeRecords(path, payloads)
const sound = await readFile(path)

interface Salvaged {
  offsets: number[]
  ends: number[]
  payloads: Buffer[]
  damaged: DamagedRange[]
  flawed: FlawedRecord[]
}

async function salvage(bytes: Uint8Array, judged: JudgeRecord = judge): Promise<Salvaged> {
  const damagedPath = join(folder, 'damaged.rec')
  await writeFile(damagedPath, bytes)
  const found: Salvaged = { offsets: [], ends: [], payloads: [], damaged: [], flawed: [] }
  const file = await InputFile.open(damagedPath)
  const whole = createXxh64()
  for await (const { records, damage, flawed } of salvageRecords(file, {
    judge: judged,
    observe: (piece) => whole.update(piece),
  })) {
    for (const { offset, end, payload } of records) {
      found.offsets.push(offset)
      found.ends.push(end)
      found.payloads.push(Buffer.from(payload))
    }
    if (damage !== undefined) found.damaged.push(damage)
    found.flawed.push(...flawed)
  }
  await file.close()
  expect(whole.digest()).toBe(xxh64(bytes))
  return found
}

function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(sound)
  change(bytes)
  return bytes
}

const without = (...keys: number[]) => offsets.filter((_, key) => !keys.includes(key))

describe('salvaging a file', () => {
  it('that is sound yields every record and no damage, and hands out every byte once', async () => {
    const found = await salvage(sound)
    expect(found.offsets).toEqual(offsets)
    expect(found.payloads.every((payload, i) => payload.equals(payloads[i]!))).toBe(true)
    expect(found.damaged).toEqual([])
    expect(found.flawed).toEqual([])
  })

  it('loses one record to a bit of its magic word, first, middle or last', async () => {
    for (const key of [0, 4, 9]) {
      const found = await salvage(changed((bytes) => (bytes[offsets[key]! + 2]! ^= 1)))
      expect(found.offsets).toEqual(without(key))
      expect(found.damaged).toEqual([
        {
          start: offsets[key],
          end: offsets[key + 1] ?? sound.length,
          problem: 'no record begins here: bad magic word',
          expected: '0xced7230a',
          actual: '0xced6230a',
        },
      ])
    }
  })

  it('loses one record to any bit of its length word', async () => {
    for (const key of [0, 4, 9]) {
      for (let bit = 0; bit < 32; bit++) {
        const found = await salvage(
          changed((bytes) => (bytes[offsets[key]! + 4 + (bit >> 3)]! ^= 1 << (bit & 7))),
        )
        // A change that padding takes up leads to the next record all the same.
        const kept = recordBytes(payloads[key]!.length ^ (1 << bit)) === recordBytes(payloads[key]!.length)
        const lengthBit = bit < 29
        expect(found.offsets, `record ${key}, bit ${bit}`).toEqual(kept && lengthBit ? offsets : without(key))
        if (kept && lengthBit) expect(found.flawed.length + Number(bit < 2)).toBeGreaterThan(0)
        else {
          expect(found.damaged).toHaveLength(1)
          expect(found.damaged[0]).toMatchObject({
            start: offsets[key],
            end: offsets[key + 1] ?? sound.length,
          })
        }
      }
    }
  })

  it('that is cut anywhere keeps the records before the cut and names the rest', async () => {
    for (let size = offsets[8]! + 1; size < sound.length; size++) {
      const found = await salvage(sound.subarray(0, size))
      const last = size < offsets[9]! ? 8 : 9
      if (size === offsets[9]) expect(found.damaged).toEqual([])
      else expect(found.damaged, String(size)).toMatchObject([{ start: offsets[last], end: size }])
      expect(found.offsets).toEqual(offsets.slice(0, last === 9 || size < offsets[9]! ? last : 9))
    }
  })

  it('names bytes behind the last record', async () => {
    for (const tail of [1, 4, 7, 8, 1000]) {
      const found = await salvage(Buffer.concat([sound, Buffer.alloc(tail, 1)]))
      expect(found.offsets).toEqual(offsets)
      expect(found.damaged).toMatchObject([{ start: sound.length, end: sound.length + tail }])
    }
  })

  it('goes on behind a region of zeros over several records', async () => {
    const found = await salvage(changed((bytes) => bytes.fill(0, offsets[3]! + 100, offsets[6]! + 20)))
    expect(found.offsets).toEqual(without(3, 4, 5, 6))
    expect(found.damaged).toMatchObject([{ start: offsets[3], end: offsets[7] }])
  })

  it('keeps a whole record before a region of zeros', async () => {
    const found = await salvage(changed((bytes) => bytes.fill(0, offsets[4]!, offsets[6]! + 20)))
    expect(found.offsets).toEqual(without(4, 5, 6))
    expect(found.damaged).toMatchObject([{ start: offsets[4], end: offsets[7] }])
  })

  it('goes on where bytes were lost or added, at any alignment', async () => {
    for (const lost of [1, 2, 3, 4, 150]) {
      const at = offsets[4]! + 60
      const found = await salvage(Buffer.concat([sound.subarray(0, at), sound.subarray(at + lost)]))
      const shifted = offsets.map((offset, key) => (key > 4 ? offset - lost : offset))
      expect(found.offsets).toEqual(shifted.filter((_, key) => key !== 4))
      expect(found.damaged).toMatchObject([{ start: offsets[4], end: shifted[5] }])
    }
    const added = Buffer.concat([
      sound.subarray(0, offsets[4]),
      Buffer.alloc(99),
      sound.subarray(offsets[4]!),
    ])
    expect((await salvage(added)).damaged).toMatchObject([{ start: offsets[4], end: offsets[4]! + 99 }])
  })

  it('keeps a record between two damaged ones', async () => {
    const found = await salvage(
      changed((bytes) => {
        bytes[offsets[3]!]! ^= 1
        bytes[offsets[5]!]! ^= 1
      }),
    )
    expect(found.offsets).toEqual(without(3, 5))
    expect(found.damaged).toMatchObject([
      { start: offsets[3], end: offsets[4] },
      { start: offsets[5], end: offsets[6] },
    ])
  })

  it('finds the records that a wrong length jumps over exactly', async () => {
    const same = Array.from({ length: 6 }, (_, key) => image(key, 232))
    const places = await writeRecords(path, same)
    const bytes = await readFile(path)
    bytes.writeUInt32LE(2 * 256 + 8, places[1]! + 4)
    const found = await salvage(bytes)
    expect(found.offsets).toEqual(places.filter((_, key) => key !== 1))
    expect(found.damaged).toMatchObject([{ start: places[1], end: places[2] }])
  })

  it('takes no magic word in an image for a record', async () => {
    const header = Buffer.alloc(8)
    MAGIC.copy(header)
    const fakes = [
      // No room for an image header; a length beyond the file; a part flag that cannot begin; nothing behind it.
      { length: 12, flag: 0 },
      { length: 100_000, flag: 0 },
      { length: 64, flag: 3 },
      { length: 64, flag: 0 },
      { length: 64, flag: 1 },
    ]
    for (const { length, flag } of fakes) {
      for (const shift of [40, 41]) {
        const found = await salvage(
          changed((bytes) => {
            header.writeUInt32LE(((flag << 29) | length) >>> 0, 4)
            header.copy(bytes, offsets[4]! + shift)
            bytes[offsets[4]!]! ^= 1
          }),
        )
        expect(found.offsets).toEqual(without(4))
        expect(found.damaged).toMatchObject([{ start: offsets[4], end: offsets[5] }])
      }
    }
  })

  it('reads a record with an unsplit magic word, as MXNet does, and names it', async () => {
    const found = await salvage(changed((bytes) => MAGIC.copy(bytes, offsets[4]! + 40)))
    expect(found.offsets).toEqual(offsets)
    expect(found.damaged).toEqual([])
    expect(found.flawed).toMatchObject([{ offset: offsets[4] }])
  })

  it('reads a record whose padding is not zero, and names it', async () => {
    const key = payloads.findIndex(({ length }) => length % 4 === 1)
    const found = await salvage(changed((bytes) => (bytes[offsets[key + 1]! - 1] = 1)))
    expect(found.offsets).toEqual(offsets)
    expect(found.flawed).toEqual([{ offset: offsets[key], problem: 'the padding is not zero' }])
  })

  it('goes by the next header where the content does not tell', async () => {
    const unknown: JudgeRecord = () => undefined
    const magic = await salvage(
      changed((bytes) => (bytes[offsets[4]!]! ^= 1)),
      unknown,
    )
    expect(magic.damaged).toMatchObject([{ start: offsets[4], end: offsets[5] }])
    const short = await salvage(
      changed((bytes) => bytes.writeUInt32LE(100, offsets[4]! + 4)),
      unknown,
    )
    expect(short.damaged).toMatchObject([{ start: offsets[4], end: offsets[5] }])
    expect(short.offsets).toEqual(without(4))
  })

  it('splits and joins records of several parts, damaged or not', async () => {
    const parts = Array.from({ length: 4 }, (_, key) => {
      const bytes = image(key, 400)
      MAGIC.copy(bytes, 100)
      MAGIC.copy(bytes, 200)
      return bytes
    })
    const places = await writeRecords(path, parts)
    const bytes = await readFile(path)
    const whole = await salvage(bytes)
    expect(whole.payloads.every((payload, i) => payload.equals(parts[i]!))).toBe(true)
    expect([whole.damaged, whole.flawed]).toEqual([[], []])
    for (const at of [0, 4, 108, 112, 212, 216]) {
      const damaged = Buffer.from(bytes)
      damaged[places[1]! + at]! ^= 0x10
      const found = await salvage(damaged)
      expect(found.offsets, String(at)).toEqual(places.filter((_, key) => key !== 1))
      expect(found.damaged).toMatchObject([{ start: places[1], end: places[2] }])
    }
  })

  it('passes over records longer than its reads, and over wrong lengths longer than those', async () => {
    const long = [image(0, 300), image(1, 9_000_001), image(2, 300), image(3, 12_000_000), image(4, 300)]
    const places = await writeRecords(path, long)
    const bytes = await readFile(path)
    const found = await salvage(bytes)
    expect(found.offsets).toEqual(places)
    expect(found.payloads.every((payload, i) => payload.equals(long[i]!))).toBe(true)
    bytes.writeUInt32LE(11_000_000, places[2]! + 4)
    const damaged = await salvage(bytes)
    expect(damaged.offsets).toEqual(places.filter((_, key) => key !== 2))
    expect(damaged.damaged).toMatchObject([{ start: places[2], end: places[3] }])
  })

  it('finds a magic word that stands across two reads', async () => {
    for (const shift of [1, 2, 3, 4, 5, 6, 7]) {
      const first = image(0, 4 * 1024 * 1024 - 32 - shift * 4)
      const places = await writeRecords(path, [first, image(1, 300), image(2, 300)])
      const bytes = await readFile(path)
      bytes[0]! ^= 1
      const found = await salvage(bytes)
      expect(found.offsets).toEqual(places.slice(1))
    }
  })

  it('of any bytes accounts for each of them once, in order', async () => {
    const piece = fc.oneof(
      fc.constant(MAGIC),
      fc.uint8Array({ maxLength: 40 }),
      fc.nat(9).map((key) => sound.subarray(offsets[key]!, offsets[key + 1])),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const bytes = Buffer.concat(pieces)
        const found = await salvage(bytes)
        const spans = [
          ...found.offsets.map((start, i) => ({ start, end: found.ends[i]! })),
          ...found.damaged,
        ].sort((a, b) => a.start - b.start)
        let at = 0
        for (const { start, end } of spans) {
          expect(start).toBe(at)
          at = end
        }
        expect(at).toBe(bytes.length)
      }),
      { numRuns: 200 },
    )
  })

  it('of an empty file yields nothing', async () => {
    expect(await salvage(Buffer.alloc(0))).toEqual({
      offsets: [],
      ends: [],
      payloads: [],
      damaged: [],
      flawed: [],
    })
  })
})
