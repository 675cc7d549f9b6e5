import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { walkByIndex } from '../../src/dataset/indexed-walk.js'
import { InputError } from '../../src/errors/index.js'
import { RecordReader, readIndex } from '../../src/recordio/index.js'
import { temporaryFolder } from '../temporary-folder.js'
import { imageBytes, writeForeign } from './make-dataset.js'

const folder = temporaryFolder()
const stem = join(folder, 'train')

const COUNT = 400
await writeForeign(
  stem,
  Array.from({ length: COUNT }, (_, key) => ({ key, labels: [0], bytes: imageBytes('x', key) })),
)
const sound = await readFile(`${stem}.rec`)
const { keys, offsets } = await readIndex(`${stem}.idx`)

/** Keys that a walk meets with an index of some of them, and how many places it passes over. */
async function walk(wanted: number[], damage: (bytes: Buffer) => Buffer = (bytes) => bytes, isSound = true) {
  await writeFile(`${stem}.rec`, damage(Buffer.from(sound)))
  const reader = await RecordReader.open(`${stem}.rec`)
  const index = {
    keys: Float64Array.from(wanted),
    offsets: Float64Array.from(wanted, (key) => offsets[key]!),
  }
  const passed: number[] = []
  const met: number[] = []
  try {
    for await (const records of walkByIndex(reader, index, 'reused', (offset) => passed.push(offset))) {
      for (const { offset, payload } of records) {
        const key = offsets.indexOf(offset)
        if (isSound) expect(Buffer.from(payload.subarray(24)).equals(imageBytes('x', key))).toBe(true)
        met.push(key)
      }
    }
  } finally {
    await reader.close()
  }
  return { met, passed }
}

const all = [...keys]
const without = (...left: number[]) => all.filter((key) => !left.includes(key))

describe('a walk by an index', () => {
  it('meets the records that it names and tells of the others', async () => {
    expect(await walk(all)).toEqual({ met: all, passed: [] })
    const odd = all.filter((key) => key % 2 === 1)
    expect(await walk(odd)).toEqual({
      met: odd,
      passed: all.filter((key) => key % 2 === 0).map((key) => offsets[key]),
    })
    expect(await walk([])).toEqual({ met: [], passed: [...offsets] })
  })

  it.each<[string, (bytes: Buffer) => void]>([
    ['a magic word', (bytes) => void bytes.writeUInt32LE(0, offsets[7]!)],
    ['a part flag', (bytes) => void (bytes[offsets[7]! + 7]! |= 0xe0)],
    [
      'a length that leads behind the next record',
      (bytes) => void bytes.writeUInt32LE(3000, offsets[7]! + 4),
    ],
    ['a length that leads into the next record', (bytes) => void bytes.writeUInt32LE(60, offsets[7]! + 4)],
    [
      'a length that leads beyond the file',
      (bytes) => void bytes.writeUInt32LE(2 ** 29 - 1, offsets[7]! + 4),
    ],
  ])('passes over %s of a record that it does not name', async (_, damage) => {
    const damaged = (bytes: Buffer) => {
      damage(bytes)
      return bytes
    }
    expect(await walk(without(7), damaged)).toEqual({ met: without(7), passed: [offsets[7]] })
    await expect(walk(all, damaged, false)).rejects.toThrow(InputError)
  })

  it('goes on behind damage of many records, at the beginning, between and at the end', async () => {
    const zeros = (from: number, to: number) => (bytes: Buffer) => bytes.fill(0, offsets[from]!, offsets[to]!)
    const wanted = without(0, 1, 50, 51, 52, 53, 398, 399)
    const { met, passed } = await walk(wanted, (bytes) => {
      zeros(0, 2)(bytes)
      zeros(50, 54)(bytes)
      return bytes.subarray(0, offsets[398]! + 10)
    })
    expect(met).toEqual(wanted)
    expect(passed).toEqual([0, offsets[50], offsets[398]])
  })

  it('is an error where no record begins at an offset of the index, naming record and offset', async () => {
    await expect(walk(all, (bytes) => bytes.fill(0, offsets[9]!, offsets[9]! + 4))).rejects.toMatchObject({
      fault: { offset: offsets[9] },
    })
    const reader = await RecordReader.open(`${stem}.rec`)
    const index = { keys: Float64Array.of(0, 1), offsets: Float64Array.of(0, 4) }
    const walking = walkByIndex(reader, index, 'fresh', () => {}).next()
    await expect(walking).rejects.toMatchObject({
      fault: { record: 1, offset: 4, actual: `the next one at ${offsets[1]}` },
    })
    await reader.close()
  })
})
