import { readdirSync } from 'node:fs'
import { readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Dataset, DatasetWriter } from '../../src/dataset/index.js'
import { InputError, StrictError } from '../../src/errors/index.js'
import { encodeJpeg } from '../../src/image/index.js'
import { observeWrites } from '../../src/io/index.js'
import { readIndex } from '../../src/recordio/index.js'
import { adopt } from '../../src/repairs/adopt/adopt.js'
import { describeReindexing } from '../../src/repairs/reindex/describe.js'
import { reindex } from '../../src/repairs/reindex/reindex.js'
import { contentOf } from '../dataset/dataset-content.js'
import { newDataset, publishTiny } from '../dataset/make-dataset.js'
import { testData } from '../oracles/data.js'
import { oracle, runOracle } from '../oracles/python.js'
import { temporaryFolder } from '../temporary-folder.js'
import { copyFolder, filesOf, foreignFolder, image, readAll } from './foreign-folder.js'

const parent = temporaryFolder()
let count = 0

const people = { ann: 3, bob: 0, cleo: 40, dan: 1 }

/** Images of which it can be told whether they are whole. */
const jpegs = Array.from({ length: 44 }, (_, i) =>
  encodeJpeg({ width: 8, height: 8, data: new Uint8Array(192).fill(5 * i) }, 90),
)

/** A dataset of facedata in a folder of its own: three, none, forty and one image of four people. */
async function ours(dialect: 'insightface' | 'im2rec' = 'insightface'): Promise<string> {
  const folder = join(parent, `ours${count++}`)
  const writer = await DatasetWriter.create(folder, { ...newDataset, dialect, height: 8, width: 8 })
  let next = 0
  for (const [name, images] of Object.entries(people)) {
    const label = writer.addIdentity({ name, source: 0, sourceName: name, sourceLabel: -1 })
    for (let i = 0; i < images; i++) {
      const path = `${name}/${i}.jpg`
      const bytes = jpegs[next++]!
      writer.addImage({ label, bytes, source: 0, path, width: 8, height: 8, format: 'jpeg' })
    }
  }
  await writer.finish()
  return folder
}

/** Overwrites bytes of the records. */
async function damage(folder: string, from: number, to: number): Promise<void> {
  const path = join(folder, 'train.rec')
  const bytes = await readFile(path)
  await writeFile(path, bytes.fill(0, from, to))
}

const offsetsOf = async (folder: string) => {
  const { keys, offsets } = await readIndex(join(folder, 'train.idx'))
  return new Map(Array.from(keys, (key, i) => [key, offsets[i]!]))
}

/** Keys and bytes of the images that a walk meets, checked against what was written. */
async function imagesOf(folder: string): Promise<number[]> {
  const dataset = await Dataset.open(folder)
  const keys: number[] = []
  try {
    for await (const { key, bytes } of dataset.images()) {
      expect(Buffer.from(bytes).equals(jpegs[key - 1]!)).toBe(true)
      keys.push(key)
    }
  } finally {
    await dataset.close()
  }
  return keys
}

describe('reindex of a sound file', () => {
  it.each(['insightface', 'im2rec'] as const)(
    'gives the index of the %s dialect back, and its description stays true',
    async (dialect) => {
      const folder = await ours(dialect)
      const before = await filesOf(folder)
      for (const wrong of [undefined, 'nothing', '0\t0\n1\t36\n', '1\t0\n1\t0\n']) {
        if (wrong === undefined) await rm(join(folder, 'train.idx'))
        else await writeFile(join(folder, 'train.idx'), wrong)
        const found = await reindex(folder)
        expect(found).toMatchObject({ images: 44, keysBy: 'ids', lost: 0, lostImages: 0, written: true })
        const { 'train.idx.bak': former, ...after } = await filesOf(folder)
        expect(after).toEqual(before)
        if (wrong !== undefined) expect(String(former)).toBe(wrong)
      }
      await contentOf(folder)
    },
  )

  it('writes nothing where the index is right, whatever the order of its lines', async () => {
    const folder = await ours()
    const before = await filesOf(folder)
    const found = await reindex(folder)
    expect(found).toMatchObject({ written: false, images: 44, records: 49, lost: 0 })
    expect(describeReindexing(found)).toEqual([
      `the index of ${found.name} is right: 44 images in 49 records (0 places lost)`,
    ])
    expect(await filesOf(folder)).toEqual(before)
    await rm(join(folder, 'dataset.json'))
    const lines = String(before['train.idx']).trim().split('\n').reverse()
    await writeFile(join(folder, 'train.idx'), lines.join('\r\n'))
    expect(await reindex(folder)).toMatchObject({ written: false })
  })

  it('gives a described dataset its own order of lines back', async () => {
    const folder = await ours()
    const before = await readFile(join(folder, 'train.idx'), 'utf8')
    await writeFile(join(folder, 'train.idx'), before.trim().split('\n').reverse().join('\n'))
    expect(await reindex(folder)).toMatchObject({ written: true })
    expect(await readFile(join(folder, 'train.idx'), 'utf8')).toBe(before)
  })

  it('names records by their order where ids are not distinct, and leaves keys that are there', async () => {
    const records = [image(5, 0), image(7, 1)].map((record) => ({ ...record, id: 0 }))
    const folder = await foreignFolder(join(parent, `foreign${count++}`), records)
    expect(await reindex(folder)).toMatchObject({ written: false, keysBy: 'order' })
    await rm(join(folder, 'train.idx'))
    expect(await reindex(folder)).toMatchObject({ written: true, keysBy: 'order' })
    expect([...(await readIndex(join(folder, 'train.idx'))).keys]).toEqual([0, 1])
  })

  it("finds insightface's header and identity records without ids, and a file of any name", async () => {
    const records = [image(1, 0), image(2, 0), image(3, 1)].map((record) => ({ ...record, id: 0 }))
    const numbers = [
      { key: 0, labels: [4, 6], id: 0 },
      { key: 4, labels: [1, 3], id: 0 },
      { key: 5, labels: [3, 4], id: 0 },
    ]
    const folder = await foreignFolder(join(parent, `foreign${count++}`), [...records, ...numbers], 'val')
    const index = await readFile(join(folder, 'val.idx'))
    await rm(join(folder, 'val.idx'))
    await reindex(join(folder, 'val.rec'))
    expect((await readFile(join(folder, 'val.idx'))).equals(index)).toBe(true)
    expect((await readAll(folder)).dialect).toBe('insightface')
  })

  it('gives an adopted dataset the keys of its manifest', async () => {
    const records = [image(40, 0), image(7, 1), image(9, 1)].map((record, id) => ({ ...record, id }))
    const folder = await foreignFolder(join(parent, `foreign${count++}`), records)
    await writeFile(join(folder, 'property'), '2,112,112')
    await adopt(folder)
    const before = await filesOf(folder)
    await rm(join(folder, 'train.idx'))
    expect(await reindex(folder)).toMatchObject({ written: true, keysBy: 'manifest', images: 3 })
    expect(await filesOf(folder)).toEqual(before)
    await readAll(folder)
  })
})

describe('reindex of a damaged file', () => {
  it('leaves out what is damaged and lists it; the rest is read, and can be described again', async () => {
    const folder = await ours()
    const before = await filesOf(folder)
    const offsets = await offsetsOf(folder)
    const [from, to] = [offsets.get(10)!, offsets.get(12)!]
    await damage(folder, from, to)
    await expect(imagesOf(folder)).rejects.toThrow(InputError)
    const found = await reindex(folder)
    expect(found).toMatchObject({
      images: 42,
      records: 42,
      lost: 1,
      lostBytes: to - from,
      lostImages: 2,
      losses: [{ offset: from, bytes: to - from, reason: expect.stringContaining('magic') }],
      rangesLeftOut: 5,
      lostList: join(folder, 'train.idx.lost.jsonl'),
      former: join(folder, 'train.idx.bak'),
      formerDescription: join(folder, 'dataset.json.bak'),
      written: true,
    })
    const after = await filesOf(folder)
    expect(after['train.idx.bak']!.equals(before['train.idx']!)).toBe(true)
    expect(after['dataset.json.bak']!.equals(before['dataset.json']!)).toBe(true)
    expect(JSON.parse(String(after['train.idx.lost.jsonl']))).toEqual(found.losses[0])
    expect(await imagesOf(folder)).toEqual(
      [...offsets.keys()].filter((key) => key >= 1 && key <= 44 && key !== 10 && key !== 11),
    )
    const adoption = await adopt(folder)
    // The damage, five records without images, and two lines of the list.
    expect(adoption).toMatchObject({ images: 42, identities: 4, named: 3, skipped: 8 })
    expect((await contentOf(folder)).images.length).toBe(42)
    expect(await reindex(folder)).toMatchObject({ written: false, lost: 1 })
  })

  it('says what it found', async () => {
    const folder = await ours()
    const offsets = await offsetsOf(folder)
    await damage(folder, offsets.get(20)!, offsets.get(21)!)
    const found = await reindex(folder)
    const lines = describeReindexing(found)
    expect(lines.slice(0, 2)).toEqual([
      `indexed ${found.name}: 43 images in 43 records (1 place lost)`,
      '  keys are the ids in headers',
    ])
    expect(lines.join('\n')).toMatch(/lost \d+ bytes at offset \d+: .*magic/)
    expect(lines.join('\n')).toMatch(/1 images, listed in .*train\.idx\.lost\.jsonl/)
    expect(lines.join('\n')).toMatch(/dataset\.json\.bak: facedata adopt describes what is left/)
  })

  it('writes nothing under --strict', async () => {
    const folder = await ours()
    await damage(folder, 0, 40)
    const before = await filesOf(folder)
    await expect(reindex(folder, { strict: true })).rejects.toThrow(StrictError)
    await expect(reindex(folder, { strict: true })).rejects.toThrow(
      /1 places .*nothing is written.* offset 0: /,
    )
    expect(await filesOf(folder)).toEqual(before)
  })

  it.each([
    ['inside a record', 20, 10, 1],
    ['between two records', 20, 0, 1],
  ])('that was cut short %s has what is left', async (_, key, more, lost) => {
    const folder = await ours()
    const offsets = await offsetsOf(folder)
    await truncate(join(folder, 'train.rec'), offsets.get(key)! + more)
    const found = await reindex(folder)
    expect(found).toMatchObject({ images: key - 1, lost, lostImages: 44 - (key - 1) })
    expect((await imagesOf(folder)).length).toBe(key - 1)
  })

  it('that holds no image any more is an error, and writes nothing', async () => {
    const folder = await ours()
    const before = readdirSync(folder)
    await writeFile(join(folder, 'train.rec'), Buffer.alloc(5000, 1))
    await expect(reindex(folder)).rejects.toThrow(/no record of an image can be read/)
    expect(readdirSync(folder)).toEqual(before)
  })

  it('whose header is lost keeps all images', async () => {
    const folder = await ours()
    const offsets = await offsetsOf(folder)
    await damage(folder, offsets.get(0)!, offsets.get(45)!)
    expect(await reindex(folder)).toMatchObject({ images: 44, lost: 1, lostImages: 0, rangesLeftOut: 4 })
    expect((await imagesOf(folder)).length).toBe(44)
  })

  it('whose description cannot be read is told of it, and is indexed', async () => {
    const folder = await ours()
    await writeFile(join(folder, 'dataset.json'), '{')
    await rm(join(folder, 'train.idx'))
    const warnings: string[] = []
    const log = { info() {}, warn: (message: string) => void warnings.push(message) }
    expect(await reindex(folder, { log })).toMatchObject({ images: 44, written: true })
    expect(warnings).toEqual([expect.stringContaining('dataset.json')])
  })

  it('keeps every record that does not lie at damage, wherever it is', async () => {
    const folder = await ours()
    const sound = await filesOf(folder)
    const offsets = [...(await offsetsOf(folder)).values(), sound['train.rec']!.length].sort((a, b) => a - b)
    const places = fc.array(
      fc.record({ at: fc.nat(sound['train.rec']!.length - 1), bytes: fc.integer({ min: 1, max: 300 }) }),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    await fc.assert(
      fc.asyncProperty(places, fc.constantFrom(0, 0xff, 0x5a), async (damaged, value) => {
        const bytes = Buffer.from(sound['train.rec']!)
        for (const { at, bytes: length } of damaged)
          bytes.fill(value, at, Math.min(bytes.length, at + length))
        await rm(folder, { recursive: true })
        await foreignFolder(folder, [])
        await writeFile(join(folder, 'train.rec'), bytes)
        const { written } = await reindex(folder)
        expect(written).toBe(true)
        const found = new Set((await readIndex(join(folder, 'train.idx'))).offsets)
        for (let i = 0; i < 44; i++) {
          // A record beside damage may not be told from it.
          const [from, to] = [offsets[Math.max(0, i - 1)]!, offsets[i + 2]!]
          if (damaged.some(({ at, bytes: length }) => at < to && at + length > from)) continue
          expect(found.has(offsets[i]!)).toBe(true)
        }
        const dataset = await Dataset.open(folder).catch(() => undefined)
        if (dataset === undefined) return
        try {
          for await (const _ of dataset.imageBatches());
        } catch (error) {
          // A label may be damaged, which no structure tells.
          expect(error).toBeInstanceOf(InputError)
        }
        await dataset.close()
      }),
      { numRuns: 60 },
    )
  })
})

describe('reindex', () => {
  it('finds a dataset by name, and tells of bytes as progress', async () => {
    const datasets = join(parent, 'datasets')
    const folder = await publishTiny(datasets, 'umd', people)
    let total = 0
    let advanced = 0
    const progress = {
      start: (_: string, bytes: number) => void (total = bytes),
      advance: (bytes: number) => void (advanced += bytes),
      finish() {},
    }
    expect(await reindex('umd', { datasets, progress })).toMatchObject({ name: 'umd', written: false })
    const { length } = await readFile(join(folder, 'train.rec'))
    expect([total, advanced]).toEqual([length, length])
    await expect(reindex('nobody', { datasets })).rejects.toThrow(InputError)
  })

  it('leaves the old index and nothing else where writing fails or a signal comes', async () => {
    const folder = await ours()
    await writeFile(join(folder, 'train.idx'), '0\t0\n')
    const before = await filesOf(folder)
    const forget = observeWrites((event) => {
      if (event.kind === 'write' && event.path.endsWith('train.idx')) throw new Error('disk full')
    })
    await expect(reindex(folder)).rejects.toThrow('disk full')
    forget()
    await expect(reindex(folder, { signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow(
      'stopped',
    )
    expect(await filesOf(folder)).toEqual(before)
  })
})

describe.skipIf(testData() === undefined)('real datasets of other tools (needs ../shared/data)', () => {
  it.each(['insightface_kzval', 'im2rec_celeb5_pass', 'wild_im2rec', 'wild_adaface'])(
    '%s gets the index that its tool wrote, byte for byte',
    async (name) => {
      const folder = await copyFolder(join(testData()!, 'golden', name), join(parent, 'golden', name))
      const index = readdirSync(folder).find((file) => file.endsWith('.idx'))!
      const before = await readFile(join(folder, index))
      expect(await reindex(folder)).toMatchObject({ written: false })
      await rm(join(folder, index))
      expect(await reindex(folder)).toMatchObject({ written: true, keysBy: 'ids', lost: 0 })
      expect((await readFile(join(folder, index))).equals(before)).toBe(true)
    },
  )
})

describe.skipIf(oracle('mxnet') === undefined)('MXNet (needs its oracle)', () => {
  it('reads by a rebuilt index what is left', async () => {
    const folder = await ours('im2rec')
    const offsets = await offsetsOf(folder)
    await damage(folder, offsets.get(5)!, offsets.get(6)! + 8)
    await reindex(folder)
    const { keys } = await readIndex(join(folder, 'train.idx'))
    const read = JSON.parse(await runOracle('mxnet', 'dataset_read.py', join(folder, 'train'))) as {
      images: { key: number }[]
    }
    expect(read.images.map(({ key }) => key)).toEqual([...keys])
    expect(keys.length).toBe(42)
  })
})
