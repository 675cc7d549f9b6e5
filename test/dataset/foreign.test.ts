import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { Dataset, describedImages, groupedBatches, readImageSync } from '../../src/dataset/index.js'
import { type Fault, InputError } from '../../src/errors/index.js'
import { InputFile, makeDirectory } from '../../src/io/index.js'
import { temporaryFolder } from '../temporary-folder.js'
import { type ForeignRecord, imageBytes, writeForeign } from './make-dataset.js'

const parent = temporaryFolder()
let folder: string
let stem: string

beforeEach(async () => {
  folder = join(parent, 'foreign')
  stem = join(folder, 'train')
  await rm(folder, { recursive: true, force: true })
  await makeDirectory(folder)
})

const image = (key: number, ...labels: number[]): ForeignRecord => ({
  key,
  labels,
  bytes: imageBytes('x', key),
})

/** Two identities of two and one images, record 0 and ranges last, as insightface's packer has them. */
const packed: ForeignRecord[] = [
  image(1, 0, 1),
  image(2, 0, 1),
  image(3, 1, 0.5),
  { key: 0, labels: [4, 6] },
  { key: 4, labels: [1, 3] },
  { key: 5, labels: [3, 4] },
]

async function read(path = folder) {
  const dataset = await Dataset.open(path)
  try {
    const images: { key: number; label: number; extra: number[]; bytes: string }[] = []
    for await (const { key, label, extraLabels, bytes } of dataset.images()) {
      images.push({ key, label, extra: [...extraLabels], bytes: Buffer.from(bytes).toString('hex') })
    }
    const { dialect, imageCount, identityCount, height, width } = dataset
    const unindexedRecords = dataset.unindexedRecords.length
    const table = await dataset.table()
    expect([...table.keys]).toEqual(images.map(({ key }) => key))
    expect([...table.labels]).toEqual(images.map(({ label }) => label))
    const file = await InputFile.open(dataset.files.records)
    for (const [i, { bytes }] of images.entries()) {
      const sync = readImageSync(file.descriptor, file.path, table.offsets[i]!, table.lengths[i]!)
      expect(Buffer.from(sync).toString('hex')).toBe(bytes)
      expect(Buffer.from((await dataset.image(i)).bytes).toString('hex')).toBe(bytes)
    }
    await file.close()
    return { dialect, imageCount, identityCount, height, width, unindexedRecords, images }
  } finally {
    await dataset.close()
  }
}

const keysOf = ({ images }: Awaited<ReturnType<typeof read>>) => images.map(({ key }) => key)

describe('a dataset of another tool', () => {
  it("in insightface's layout is read without its header and identity records", async () => {
    await writeForeign(stem, packed)
    await writeFile(join(folder, 'property'), '2,112,96')
    const found = await read()
    expect(found).toMatchObject({
      dialect: 'insightface',
      imageCount: 3,
      identityCount: 2,
      height: 112,
      width: 96,
    })
    expect(found.images).toEqual(
      [1, 2, 3].map((key) => ({
        key,
        label: key === 3 ? 1 : 0,
        extra: [key === 3 ? 0.5 : 1],
        bytes: imageBytes('x', key).toString('hex'),
      })),
    )
  })

  it('of more records than its float32 header counts finds its identity records by the property file', async () => {
    const rounded = packed.map((record) =>
      record.key === 0 ? { key: 0, labels: [2 ** 25, 2 ** 25] } : record,
    )
    await writeForeign(stem, rounded)
    await expect(read()).rejects.toThrow(/header record does not fit the index/)
    await writeFile(join(folder, 'property'), '2,112,112')
    expect(keysOf(await read())).toEqual([1, 2, 3])
  })

  it('may lack its index, its property file, and be called otherwise', async () => {
    await writeForeign(join(folder, 'validation'), packed)
    await rm(join(folder, 'validation.idx'))
    const found = await read()
    expect(found).toMatchObject({
      dialect: 'insightface',
      imageCount: 3,
      identityCount: 2,
      height: 0,
      width: 0,
    })
    expect(await read(join(folder, 'validation.rec'))).toEqual(found)
  })

  it("in im2rec's layout is read in the order of the file, whatever the order of the index", async () => {
    await writeForeign(stem, [image(7, 2), image(0, 0), image(3, 2)])
    const found = await read()
    expect(found).toMatchObject({ dialect: 'im2rec', imageCount: 3, identityCount: 3 })
    expect(keysOf(found)).toEqual([7, 0, 3])
    await writeFile(`${stem}.idx`, (await indexOf(stem)).reverse().join(''))
    expect(await read()).toEqual(found)
  })

  it('without an index has positions for keys where ids are not distinct', async () => {
    await writeForeign(stem, [
      { ...image(5, 0), id: 0 },
      { ...image(6, 1), id: 0 },
    ])
    await rm(`${stem}.idx`)
    expect(keysOf(await read())).toEqual([0, 1])
  })

  it('with several labels on the image at index 0 is not mistaken for one with a header', async () => {
    await writeForeign(stem, [image(0, 1, 9), image(1, 0, 9)])
    const found = await read()
    expect(found).toMatchObject({ dialect: 'packed-labels', imageCount: 2, identityCount: 2 })
    expect(found.images[0]).toMatchObject({ key: 0, label: 1, extra: [9] })
  })

  it('has the records that its index names, and counts the others', async () => {
    await writeForeign(stem, [image(0, 0), image(1, 1), image(2, 0), image(3, 1)])
    const lines = await indexOf(stem)
    await writeFile(`${stem}.idx`, lines[1]! + lines[2]!)
    const found = await read()
    expect(keysOf(found)).toEqual([1, 2])
    expect(found.unindexedRecords).toBe(2)
  })

  it('takes names and paths from its list, where a folder is one person', async () => {
    await writeForeign(stem, [image(0, 1), image(1, 0), image(2, 2), image(3, 3)])
    await writeFile(
      `${stem}.lst`,
      '0\t1\tb/0.jpg\n9\t1\tb/left-out.jpg\n1\t0\tz/a/1.jpg\n2\t2\tshared/2.jpg\n3\t3\tshared/3.jpg\n',
    )
    const dataset = await Dataset.open(folder)
    const { names, images, firstKeys } = await dataset.identities()
    expect(names).toEqual(['a', 'b', undefined, undefined])
    expect([...images]).toEqual([1, 1, 1, 1])
    expect([...firstKeys]).toEqual([1, 0, 2, 3])
    const paths: string[] = []
    for await (const { path } of describedImages(dataset)) paths.push(path)
    expect(paths).toEqual(['b/0.jpg', 'z/a/1.jpg', 'shared/2.jpg', 'shared/3.jpg'])
    const grouped: (number | string)[][] = []
    for await (const batch of groupedBatches(dataset)) {
      for (const { key, label, path } of batch) grouped.push([label, key, path])
    }
    expect(grouped).toEqual([
      [0, 1, 'z/a/1.jpg'],
      [1, 0, 'b/0.jpg'],
      [2, 2, 'shared/2.jpg'],
      [3, 3, 'shared/3.jpg'],
    ])
    await dataset.close()
  })

  it('takes names from a list that was written on Windows', async () => {
    await writeForeign(stem, [image(0, 0), image(1, 1)])
    await writeFile(`${stem}.lst`, '0\t0.000000\tfaces\\ann\\1.jpg\r\n1\t1.000000\tfaces\\bob\\1.jpg\r\n')
    const dataset = await Dataset.open(folder)
    expect(await dataset.identityNames()).toEqual(['ann', 'bob'])
    await dataset.close()
  })

  it('has the same fingerprint wherever it stands, and another one with another image', async () => {
    const fingerprintAt = async (name: string, records: ForeignRecord[]) => {
      await makeDirectory(join(parent, name))
      await writeForeign(join(parent, name, 'train'), records)
      return fingerprintOf(join(parent, name))
    }
    const one = await fingerprintAt('one', [image(0, 0), image(1, 1)])
    expect(await fingerprintAt('two', [image(0, 0), image(1, 1)])).toBe(one)
    expect(
      await fingerprintAt('three', [image(0, 0), { ...image(1, 1), bytes: imageBytes('y', 1) }]),
    ).not.toBe(one)
  })
})

describe('a damaged dataset is an error that says where', () => {
  it.each<[string, () => Promise<unknown>, Partial<Fault>]>([
    [
      'no .rec file',
      () => writeFile(join(folder, 'notes.txt'), ''),
      { problem: 'not a dataset: it holds no .rec file' },
    ],
    [
      'several .rec files',
      async () => {
        await writeForeign(join(folder, 'a'), [image(0, 0)])
        await writeForeign(join(folder, 'b'), [image(0, 0)])
      },
      { actual: 'a.rec, b.rec' },
    ],
    ['an empty .rec file', () => writeForeign(stem, []), { problem: 'the dataset holds no record' }],
    [
      'a header alone',
      () => writeForeign(stem, [{ key: 0, labels: [1, 1] }]),
      { problem: 'the dataset holds no image' },
    ],
    [
      'a header beyond the index',
      () => writeForeign(stem, [image(1, 0), { key: 0, labels: [9, 10] }, { key: 9, labels: [1, 9] }]),
      { record: 0, actual: '1 such keys' },
    ],
    [
      'a header that is no number',
      () => writeForeign(stem, [image(1, 0), { key: 0, labels: [Number.NaN, 1] }]),
      { record: 0 },
    ],
    [
      'a label that is a fraction',
      () => writeForeign(stem, [image(0, 0), image(1, 0.5)]),
      { record: 1, actual: '0.5' },
    ],
    ['a negative label', () => writeForeign(stem, [image(0, -1)]), { record: 0, actual: '-1' }],
    ['an infinite label', () => writeForeign(stem, [image(0, Number.POSITIVE_INFINITY)]), { record: 0 }],
    [
      'a label beyond the property file',
      async () => {
        await writeForeign(stem, [image(0, 0), image(1, 2)])
        await writeFile(join(folder, 'property'), '2,112,112')
      },
      { record: 1, actual: 2 },
    ],
    [
      'an index with a key twice',
      async () => {
        await writeForeign(stem, [image(0, 0), image(1, 0), image(2, 0)])
        await writeFile(`${stem}.idx`, (await indexOf(stem)).join('').replace('2\t', '0\t'))
      },
      { problem: 'the index names key 0 twice' },
    ],
    [
      'an index with an offset twice',
      async () => {
        await writeForeign(stem, [image(0, 0)])
        await writeFile(`${stem}.idx`, '0\t0\n1\t0\n')
      },
      { problem: 'the index names offset 0 twice' },
    ],
    [
      'an index beyond the file',
      async () => {
        await writeForeign(stem, [image(0, 0)])
        await writeFile(`${stem}.idx`, '0\t0\n1\t4096\n')
      },
      { record: 1, actual: 4096 },
    ],
    [
      'an index of another file',
      async () => {
        await writeForeign(stem, [image(0, 0), image(1, 1), image(2, 0)])
        await writeFile(`${stem}.idx`, '0\t0\n1\t4\n')
      },
      { record: 1, offset: 4, problem: 'no record begins where the index says' },
    ],
    [
      'an index that ends inside the last record',
      async () => {
        await writeForeign(stem, [image(0, 0)])
        await writeFile(`${stem}.idx`, '0\t0\n1\t4\n')
      },
      { record: 1, offset: 4 },
    ],
    [
      'a payload that is shorter than its header',
      async () => {
        await writeForeign(stem, [image(0, 0)])
        await writeFile(`${stem}.rec`, Buffer.from('0a23d7ce0400000000000000', 'hex'))
      },
      { record: 0, offset: 0 },
    ],
    [
      'a list that is none',
      async () => {
        await writeForeign(stem, [image(0, 0)])
        await writeFile(`${stem}.lst`, 'not a list')
      },
      { line: 1 },
    ],
  ])('%s', async (_, prepare, fault) => {
    await prepare()
    const error = await everything().catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(InputError)
    expect((error as InputError).fault).toMatchObject(fault)
    expect((error as InputError).fault.file).toContain(folder)
  })
})

/** Opens and reads all that there is to read. */
async function everything(): Promise<void> {
  const dataset = await Dataset.open(folder)
  try {
    for await (const _ of dataset.images());
    await dataset.identities()
  } finally {
    await dataset.close()
  }
}

async function fingerprintOf(path: string): Promise<string> {
  const dataset = await Dataset.open(path)
  try {
    return await dataset.fingerprint()
  } finally {
    await dataset.close()
  }
}

async function indexOf(path: string): Promise<string[]> {
  const dataset = await Dataset.open(`${path}.rec`)
  const { keys, offsets } = await dataset.table()
  await dataset.close()
  return Array.from(keys, (key, i) => `${key}\t${offsets[i]}\n`)
}
