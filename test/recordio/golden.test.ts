import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RecordReader, readIndex, unpackImage } from '../../src/recordio/index.js'
import { testData } from '../oracles/data.js'
import { oracle, runOracle } from '../oracles/python.js'
import { temporaryFolder } from '../temporary-folder.js'
import { readRecords, writeRecords } from './record-files.js'

const golden = resolve(import.meta.dirname, '../../fixtures/golden/recordio')
const edge = join(testData() ?? '', 'golden/edge')

/** What MXNet read back under one key; ids are strings where they may exceed 2^53. */
interface ReadBack {
  flag: number
  label: number | number[]
  id: number | string
  id2: number | string
  body_hex: string
}

describe('files that MXNet wrote', () => {
  it('records split at magic words are put together', async () => {
    const payloads = await readJson<string[]>(join(golden, 'parts.json'))
    expect(payloads.length).toBeGreaterThan(30)
    expect(await readRecords(join(golden, 'parts.rec'))).toEqual(payloads)
  })

  it('are written by us byte for byte', async () => {
    const payloads = await readJson<string[]>(join(golden, 'parts.json'))
    const path = join(temporaryFolder(), 'ours.rec')
    await writeRecords(
      path,
      payloads.map((hex) => Buffer.from(hex, 'hex')),
    )
    expect(await readFile(path)).toEqual(await readFile(join(golden, 'parts.rec')))
  })

  it('image headers of every form are read as MXNet reads them', async () => {
    await expectReadBack(join(golden, 'images'), join(golden, 'images.json'))
  })
})

describe.skipIf(testData() === undefined)('golden/edge (needs ../shared/data)', () => {
  it.each(['raw_magic.expected.json', 'raw_magic.mxnet_read_back.json'])(
    'raw_magic.rec is %s',
    async (name) => {
      expect(await readRecords(join(edge, 'raw_magic.rec'))).toEqual(await readJson(join(edge, name)))
    },
  )

  it('hdr.rec is what MXNet read back', async () => {
    await expectReadBack(join(edge, 'hdr'), join(edge, 'hdr.mxnet_read_back.json'))
  })
})

describe.skipIf(oracle('mxnet') === undefined)('MXNet (needs its oracle)', () => {
  it('writes the committed files again', async () => {
    const folder = temporaryFolder()
    await runOracle('mxnet', 'recordio_golden.py', folder)
    for (const name of await readdir(golden)) {
      expect(await readFile(join(folder, name)), name).toEqual(await readFile(join(golden, name)))
    }
  })

  it('reads what we write: every length mod 4, magic words anywhere, by sequence and by key', async () => {
    const path = join(temporaryFolder(), 'ours.rec')
    const payloads = randomPayloads(400)
    await writeRecords(path, payloads)
    const expected = payloads.map((bytes) => bytes.toString('hex'))
    const index = path.replace('.rec', '.idx')
    for (const argv of [[path], [path, index]]) {
      const read = JSON.parse(await runOracle('mxnet', 'recordio_read.py', ...argv)) as { payload: string }[]
      expect(read.map(({ payload }) => payload)).toEqual(expected)
    }
  })
})

async function expectReadBack(stem: string, json: string): Promise<void> {
  const expected = await readJson<Record<string, ReadBack>>(json)
  const { keys, offsets } = await readIndex(`${stem}.idx`)
  const file = `${stem}.rec`
  const reader = await RecordReader.open(file)
  const found: Record<string, ReadBack> = {}
  for (const [i, key] of keys.entries()) {
    const { offset, payload } = await reader.readAt(offsets[i]!)
    const { header, image } = unpackImage(payload, { file, record: key, offset })
    const { id, id2 } = expected[key]!
    found[key] = {
      flag: header.flag,
      label: header.flag === 0 ? header.label : [...header.labels],
      id: typeof id === 'string' ? String(header.id) : Number(header.id),
      id2: typeof id2 === 'string' ? String(header.id2) : Number(header.id2),
      body_hex: Buffer.from(image).toString('hex'),
    }
  }
  await reader.close()
  expect(found).toEqual(expected)
}

/** Lengths 0 to `count` of pieces of the magic word: splits, near misses and paddings of all kinds. */
function randomPayloads(count: number): Buffer[] {
  const pieces = [[0x0a, 0x23, 0xd7, 0xce], [0x0a, 0x23], [0xd7], [0xce, 0x0a, 0x23, 0xd7, 0xce, 0x0a]]
  return Array.from({ length: count }, (_, length) => {
    const bytes: number[] = []
    for (let i = length; bytes.length < length; i = (i * 7 + 3) % 101)
      bytes.push(...pieces[i % pieces.length]!)
    return Buffer.from(bytes.slice(0, length))
  })
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T
}
