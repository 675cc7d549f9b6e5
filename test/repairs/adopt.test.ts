import { readdirSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { Dataset } from '../../src/dataset/index.js'
import { type Fault, InputError, StrictError, UsageError } from '../../src/errors/index.js'
import { verify } from '../../src/inspections/verify/verify.js'
import { observeWrites } from '../../src/io/index.js'
import { silentLog } from '../../src/progress/progress.js'
import { type AdoptOptions, adopt, describeAdoption } from '../../src/repairs/adopt/adopt.js'
import { merge } from '../../src/stages/merge/merge.js'
import { localRun } from '../cluster/local-run.js'
import { contentOf } from '../dataset/dataset-content.js'
import { type ForeignRecord, publishTiny } from '../dataset/make-dataset.js'
import { readWithMxnet } from '../dataset/mxnet.js'
import { picture } from '../image/pictures.js'
import { testData } from '../oracles/data.js'
import { oracle } from '../oracles/python.js'
import { temporaryFolder } from '../temporary-folder.js'
import { copyFolder, filesOf, foreignFolder, image, readAll } from './foreign-folder.js'

const parent = temporaryFolder()
const datasets = join(parent, 'datasets')
let count = 0

/** A new dataset of another tool; with a property file unless told otherwise. */
async function foreign(records: ForeignRecord[], files: Record<string, string> = {}, stem = 'train') {
  const folder = await foreignFolder(join(datasets, `foreign${count++}`), records, stem)
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

/** Two identities of two and one images, as insightface's packer has them, header and identity records first or last. */
const numbers: ForeignRecord[] = [
  { key: 0, labels: [4, 6] },
  { key: 4, labels: [1, 3] },
  { key: 5, labels: [3, 4] },
]
const grouped = [image(1, 0, 1), image(2, 0, 1), image(3, 1, 1)]
const property = { property: '2,112,112\n' }

/** Adopts, and checks that what was there is as it was and reads as it did. */
async function adoptUnchanged(folder: string, options: AdoptOptions = {}) {
  const before = await filesOf(folder)
  const read = await readAll(folder)
  const adoption = await adopt(folder, options)
  const after = await filesOf(folder)
  for (const [name, bytes] of Object.entries(before)) expect(after[name]!.equals(bytes), name).toBe(true)
  expect(await readAll(folder)).toEqual(read)
  return { adoption, after, read }
}

describe('adopt', () => {
  it.each([
    ['header first', [...numbers, ...grouped]],
    ['header last', [...grouped, ...numbers]],
    [
      'identity records between images',
      [grouped[0]!, numbers[1]!, grouped[1]!, numbers[0]!, grouped[2]!, numbers[2]!],
    ],
    ['ids that are not keys', [...grouped, ...numbers].map((record) => ({ ...record, id: 0 }))],
  ])("of insightface's layout with %s adds what is missing and leaves what is there", async (_, records) => {
    const folder = await foreign(records, {
      ...property,
      'train.lst': '1\tp/ann/1.jpg\t0\n1\tp/ann/2.jpg\t0\n1\tp/bob/3.jpg\t1\n',
    })
    const { adoption, read } = await adoptUnchanged(folder)
    expect(adoption).toMatchObject({
      path: folder,
      dialect: 'insightface',
      images: 3,
      identities: 2,
      named: 2,
      skipped: 0,
      written: ['identities.arrow', 'manifest.arrow', 'skipped.jsonl', 'dataset.json'],
    })
    expect(read.names).toEqual(['ann', 'bob'])
    const dataset = await Dataset.open(folder)
    expect(dataset.description).toMatchObject({
      stage: 'adopt',
      adopted: true,
      images: 3,
      emptyIdentities: 0,
    })
    expect(await dataset.fingerprint()).toBe(adoption.fingerprint)
    await dataset.close()
    expect(await verify(folder)).toMatchObject({ faultCount: 0, images: 3, identities: 2 })
  })

  it.each([
    ['im2rec', [image(7, 2), image(0, 0), image(3, 2)]],
    ['packed-labels', [image(0, 1, 9), image(1, 0, 9)]],
  ])('of the %s layout adds index, list and property where there are none', async (dialect, records) => {
    const folder = await foreign(records)
    const jpeg = await picture(80, 96).jpeg().toBuffer()
    await foreignFolder(
      folder,
      records.map((record) => ({ ...record, bytes: jpeg })),
    )
    const index = await readFile(join(folder, 'train.idx'), 'utf8')
    await rm(join(folder, 'train.idx'))
    const { adoption, after } = await adoptUnchanged(folder)
    expect(adoption).toMatchObject({ dialect, images: records.length, named: 0 })
    expect(adoption.written).toEqual([
      'identities.arrow',
      'manifest.arrow',
      'property',
      'skipped.jsonl',
      'train.idx',
      'train.lst',
      'dataset.json',
    ])
    expect(String(after['train.idx'])).toBe(index)
    expect(String(after['property'])).toBe(`${adoption.identities},96,80\n`)
    expect(String(after['train.lst'])).toBe(
      records.map(({ key, labels }) => `${key}\t${labels[0]}\t\n`).join(''),
    )
    expect(await verify(folder)).toMatchObject({ faultCount: 0 })
  })

  it('makes a .rec file of another name train.rec by links, and its index and list with it', async () => {
    const list = '0\t0\ta/0.jpg\n1\t1\tb/1.jpg\n'
    const folder = await foreign([image(0, 0), image(1, 1)], { ...property, 'val.lst': list }, 'val')
    const adoption = await adopt(join(folder, 'val.rec'))
    expect(adoption.written).toContain('train.rec')
    expect(adoption.name).toBe(folder.split('/').at(-1))
    expect((await readAll(folder)).names).toEqual(['a', 'b'])
    expect((await readAll(join(folder, 'val.rec'))).names).toEqual(['a', 'b'])
    for (const [train, val] of [
      ['train.rec', 'val.rec'],
      ['train.idx', 'val.idx'],
      ['train.lst', 'val.lst'],
    ]) {
      const read = (name: string) => readFile(join(folder, name))
      expect((await read(train!)).equals(await read(val!))).toBe(true)
    }
    expect(await verify(folder)).toMatchObject({ faultCount: 0, images: 2 })
    expect((await adopt(join(folder, 'val.rec'))).written).toEqual([])
    await foreignFolder(folder, [image(0, 0)], 'other')
    await expect(adopt(join(folder, 'other.rec'))).rejects.toThrow(/another dataset: it holds train.rec/)
  })

  it('does nothing to a dataset that has its description', async () => {
    const folder = await publishTiny(datasets, 'ours', { ann: 2 })
    let written = 0
    const forget = observeWrites(() => written++)
    const adoption = await adopt('ours', { datasets })
    forget()
    expect(written).toBe(0)
    expect(adoption).toMatchObject({ name: 'ours', images: 2, written: [] })
    expect(describeAdoption(adoption)[0]).toMatch(/^ours is described already: 2 images of 1 identities/)
    expect(adoption.fingerprint).toBe((await contentOf(folder)).description.fingerprint)
  })

  it('says what it did', async () => {
    const folder = await foreign([image(0, 0), image(1, 1)], {
      ...property,
      'train.lst': '0\t0\ta/0.jpg\n1\t1\tb/1.jpg\n',
    })
    const adoption = await adopt(folder)
    expect(describeAdoption(adoption)).toEqual([
      `adopted ${adoption.name}: 2 images of 2 identities, all named (0 skipped)`,
      '  wrote identities.arrow, manifest.arrow, skipped.jsonl, dataset.json',
    ])
  })

  it('lists records that the index leaves out and files that the packer left out, and stops --strict', async () => {
    const list = '0\t0\ta/0.jpg\n5\t1\tb/gone.jpg\n1\t1\tb/1.jpg\n2\t1\tb/2.jpg\n'
    const folder = await foreign([image(0, 0), image(1, 1), image(2, 1)], { ...property, 'train.lst': list })
    const index = await readFile(join(folder, 'train.idx'), 'utf8')
    await writeFile(join(folder, 'train.idx'), index.slice(0, index.indexOf('2\t')))
    const before = await filesOf(folder)
    await expect(adopt(folder, { strict: true })).rejects.toThrow(StrictError)
    expect(Object.keys(await filesOf(folder))).toEqual(Object.keys(before))
    const warnings: string[] = []
    const log = { ...silentLog, warn: (message: string) => void warnings.push(message) }
    const { adoption, after } = await adoptUnchanged(folder, { log })
    expect(adoption.skipped).toBe(3)
    const lines = String(after['skipped.jsonl']).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { source: adoption.name, path: '', reason: expect.stringMatching(/offset \d+ is not in the index/) },
      {
        source: adoption.name,
        path: 'b/gone.jpg',
        reason: expect.stringMatching(/as 5, and there is no record/),
      },
      {
        source: adoption.name,
        path: 'b/2.jpg',
        reason: expect.stringMatching(/as 2, and there is no record/),
      },
    ])
    expect(warnings).toHaveLength(3)
  })

  it('has the same bytes wherever the dataset stands and whatever was written before', async () => {
    const records = [image(3, 0), image(4, 1)]
    const first = await foreignFolder(join(parent, 'one', 'same'), records)
    const second = await foreignFolder(join(parent, 'two', 'same'), records)
    for (const folder of [first, second]) {
      await writeFile(join(folder, 'property'), '2,1,1\n')
      await rm(join(folder, 'train.idx'))
    }
    await adopt(first)
    const whole = await filesOf(first)
    for (const left of ['train.idx', 'train.lst', 'manifest.arrow']) {
      await writeFile(join(second, left), whole[left]!)
    }
    await adopt(second)
    const again = await filesOf(second)
    expect(Object.keys(again)).toEqual(Object.keys(whole))
    for (const [name, bytes] of Object.entries(again)) expect(bytes.equals(whole[name]!), name).toBe(true)
  })

  it('gives merge the names and the lineage that it has of the dataset as it was', async () => {
    const list = { 'train.lst': '0\t0\ta/0.jpg\n1\t1\tb/1.jpg\n' }
    await foreignFolder(join(datasets, 'wild'), [image(0, 0), image(1, 1)])
    for (const [name, text] of Object.entries({ ...property, ...list })) {
      await writeFile(join(datasets, 'wild', name), text)
    }
    await publishTiny(datasets, 'beside', { eve: 1 })
    const merged = (output: string) =>
      runStage(merge, merge.options.parse({ inputs: ['wild', 'beside'], datasets, output }), localRun())
    await merged('before')
    await adopt('wild', { datasets })
    await merged('after')
    const [before, after] = [
      await contentOf(join(datasets, 'before')),
      await contentOf(join(datasets, 'after')),
    ]
    expect(after.images).toEqual(before.images)
    expect(after.images[0]).toMatchObject({
      name: 'a',
      from: ['wild', 'a', 0],
      source: 'wild',
      path: 'a/0.jpg',
    })
    expect(after.description.sources).toEqual(before.description.sources)
    const twice = merge.options.parse({ inputs: ['wild', 'before'], datasets, output: 'twice' })
    await expect(runStage(merge, twice, localRun())).rejects.toThrow(/hold the same one/)
  })
})

describe('adopt refuses, and writes nothing,', () => {
  it.each<[string, Record<string, string>, Partial<Fault>]>([
    [
      'a list of other labels',
      { ...property, 'train.lst': '0\t1\ta/0.jpg\n1\t1\tb/1.jpg\n' },
      { record: 0, expected: 0, actual: 1 },
    ],
    ['a list that is none', { ...property, 'train.lst': 'nothing' }, { line: 1 }],
    ['fewer identities in property', { property: '1,112,112' }, { record: 1, actual: 1 }],
    [
      'a property file of another number of images',
      { property: '2,112,112\n3\n' },
      { line: 2, expected: 2, actual: 3 },
    ],
    ['a property file that is none', { property: 'two' }, { line: 1 }],
    ['an index of another file', { ...property, 'train.idx': '0\t4\n1\t44\n' }, { offset: 4 }],
    ['an index beyond the file', { ...property, 'train.idx': '0\t0\n1\t44444\n' }, { record: 1 }],
    ['images of no known size', {}, { problem: 'the first image does not tell the size of the images' }],
  ])('%s', async (_, files, fault) => {
    const folder = await foreign([image(0, 0), image(1, 1)], files)
    const before = await filesOf(folder)
    const error = await adopt(folder).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(InputError)
    expect((error as InputError).fault).toMatchObject(fault)
    expect((error as InputError).fault.file).toContain(folder)
    expect(await filesOf(folder)).toEqual(before)
  })

  it('a property file of another size than all images have', async () => {
    const bytes = await picture(80, 96).jpeg().toBuffer()
    const folder = await foreign(
      [
        { ...image(0, 0), bytes },
        { ...image(1, 1), bytes },
      ],
      property,
    )
    const error = await adopt(folder).catch((cause: unknown) => cause)
    expect((error as InputError).fault).toMatchObject({ expected: '96,80', actual: '112,112' })
    await writeFile(join(folder, 'property'), '2,96,80')
    await adopt(folder)
  })

  it('a key that a manifest cannot hold', async () => {
    const folder = await foreign([image(0, 0), image(2 ** 32, 1)], property)
    const error = await adopt(folder).catch((cause: unknown) => cause)
    expect((error as InputError).fault).toMatchObject({ record: 2 ** 32, actual: 2 ** 32 })
  })

  it('the files of another dataset beside a .rec file of another name', async () => {
    const folder = await foreign([image(0, 0)], { ...property, 'train.lst': '' }, 'val')
    await expect(adopt(folder)).rejects.toThrow(UsageError)
  })

  it('where writing fails or a signal comes', async () => {
    const folder = await foreign([image(0, 0), image(1, 1)], property)
    const before = readdirSync(folder)
    for (const name of ['manifest.arrow', 'dataset.json']) {
      const forget = observeWrites((event) => {
        if (event.kind === 'write' && event.path.includes(name)) throw new Error('disk full')
      })
      await expect(adopt(folder)).rejects.toThrow('disk full')
      forget()
      expect(readdirSync(folder)).toEqual(before)
    }
    const signal = AbortSignal.abort(new Error('stopped'))
    await expect(adopt(folder, { signal })).rejects.toThrow('stopped')
    expect(readdirSync(folder)).toEqual(before)
    await mkdir(join(parent, 'nothing'))
    await expect(adopt(join(parent, 'nothing'))).rejects.toThrow(InputError)
  })
})

describe('a dataset that was adopted and then changed', () => {
  it.each<[string, (bytes: Buffer) => void, Partial<Fault>]>([
    ['in an image', (bytes) => (bytes[8 + 24]! ^= 1), { record: 7, offset: 0 }],
    ['in a label', (bytes) => (bytes[8 + 7]! ^= 1), { record: 7 }],
  ])('%s is an error that names the record', async (_, change, fault) => {
    const folder = await foreign([image(7, 0), image(1, 1)], property)
    await adopt(folder)
    const path = join(folder, 'train.rec')
    const bytes = await readFile(path)
    change(bytes)
    await writeFile(path, bytes)
    const error = await readAll(folder).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(InputError)
    expect((error as InputError).fault).toMatchObject({ file: path, ...fault })
  })
})

describe.skipIf(testData() === undefined)('real datasets of other tools (needs ../shared/data)', () => {
  const golden = join(testData() ?? '', 'golden')

  it.each([
    ['insightface_kzval', 25, ['dataset.json']],
    ['im2rec_celeb5_pass', 5, ['property', 'dataset.json']],
    ['im2rec_celeb5_q95', 5, ['property', 'dataset.json']],
    ['wild_adaface', 2, ['property', 'dataset.json']],
  ])('%s is adopted with all names', async (name, identities, written) => {
    const folder = await copyFolder(join(golden, name), join(parent, 'golden', name))
    const { adoption } = await adoptUnchanged(folder)
    expect(adoption).toMatchObject({ name, identities, named: identities, skipped: 0 })
    expect(adoption.written.filter((file) => !/arrow|skipped/.test(file))).toEqual(written)
    expect(await verify(folder)).toMatchObject({ faultCount: 0 })
  })

  it('wild_im2rec, whose files are not called train, becomes a dataset directory', async () => {
    const folder = await copyFolder(join(golden, 'wild_im2rec'), join(parent, 'golden', 'wild_im2rec'))
    const { adoption } = await adoptUnchanged(folder)
    expect(adoption).toMatchObject({ images: 229, identities: 25, named: 25 })
    expect(await verify(folder)).toMatchObject({ faultCount: 0 })
  })

  it.skipIf(oracle('mxnet') === undefined).each(['insightface_kzval', 'im2rec_celeb5_pass', 'wild_im2rec'])(
    'MXNet reads %s after it as before (needs its oracle)',
    async (name) => {
      const folder = await copyFolder(join(golden, name), join(parent, 'mxnet', name))
      const read = await readAll(folder)
      const before = name === 'wild_im2rec' ? undefined : await readWithMxnet(folder)
      await adopt(folder)
      const after = await readWithMxnet(folder)
      if (before !== undefined) expect(after).toEqual(before)
      const keyed = new Map(after.images.map((one) => [one.key, one.labels[0]]))
      for (const { key, label } of read.images) expect(keyed.get(key)).toBe(label)
    },
  )
})
