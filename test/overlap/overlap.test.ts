import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import { encodeJpeg } from '../../src/image/index.js'
import { describeOverlap } from '../../src/overlap/describe.js'
import { Overlap, type OverlapModel } from '../../src/overlap/overlap.js'
import { writeOverlapCsv } from '../../src/overlap/overlap-file.js'
import { localRun } from '../cluster/local-run.js'
import { publishTiny } from '../dataset/make-dataset.js'
import { writePoolingModel } from '../embeddings/pooling-model.js'
import { temporaryFolder } from '../temporary-folder.js'
import { type TinyDataset, tinyImage, writeTinyBin, writeTinyDataset } from '../training/tiny-dataset.js'

const datasets = temporaryFolder()
const photos: TinyDataset = { identities: 8, imagesEach: 4, size: 32 }
const pooling = join(datasets, 'model.onnx')
const model: OverlapModel = {
  path: pooling,
  options: { color: undefined, mean: undefined, std: undefined, provider: 'cpu' },
}

await writePoolingModel(pooling, photos.size)
await writeTinyDataset(join(datasets, 'train'), photos)
await writeTinyBin(join(datasets, 'test.bin'), { ...photos, identities: 3 }, 12)
await writeTinyBin(join(datasets, 'other.bin'), { ...photos, identities: 2 }, 4)

const find = (a: string, b: string, given?: OverlapModel) =>
  Overlap.find(a, b, { ...localRun(), datasets, ...(given && { model: given }) })

/** A folder of photos of some of the people of `train` under names of one's own; one photo of each, from `image` on. */
async function folderOf(name: string, people: Record<string, number>, image = 500): Promise<string> {
  const folder = join(datasets, name)
  for (const [person, identity] of Object.entries(people)) {
    await mkdir(join(folder, person), { recursive: true })
    for (const i of [0, 1]) {
      const bytes = encodeJpeg(tinyImage(photos, identity, image + i), 95)
      await writeFile(join(folder, person, `${i}.jpg`), bytes)
    }
  }
  return folder
}

describe('byte-identical images', () => {
  it('are counted on each side and listed with identity and path, those that a side has twice too', async () => {
    await publishTiny(datasets, 'umd', { ann: 3, bob: 1, cleo: 2 })
    await publishTiny(datasets, 'ms1m', { dan: 1, cleo: 2, ann: 1 })
    const copies = join(datasets, 'copies')
    await mkdir(join(copies, 'x'), { recursive: true })
    await writeFile(join(copies, 'x', '0.jpg'), 'cleo 0 ')
    await writeFile(join(copies, 'x', '1.jpg'), 'cleo 0 ')
    const found = await find('umd', 'ms1m')
    expect(found.counts.images).toEqual({ a: 3, b: 3, distinct: 3 })
    expect([...found.images()].map(({ a, b }) => [a, b])).toEqual([
      [
        { identity: 'ann', label: 0, path: 'ann/0.jpg', key: 1 },
        { identity: 'ann', label: 2, path: 'ann/0.jpg', key: 4 },
      ],
      [
        { identity: 'cleo', label: 2, path: 'cleo/0.jpg', key: 5 },
        { identity: 'cleo', label: 1, path: 'cleo/0.jpg', key: 2 },
      ],
      [
        { identity: 'cleo', label: 2, path: 'cleo/1.jpg', key: 6 },
        { identity: 'cleo', label: 1, path: 'cleo/1.jpg', key: 3 },
      ],
    ])
    const [twice, turned] = [await find('umd', copies), await find(copies, 'umd')]
    expect(twice.counts.images).toEqual({ a: 1, b: 2, distinct: 1 })
    expect([...twice.images()].map(({ a, b }) => `${a.path} ${b.path}`)).toEqual([
      'cleo/0.jpg x/0.jpg',
      'cleo/0.jpg x/1.jpg',
    ])
    expect(turned.counts.images).toEqual({ a: 2, b: 1, distinct: 1 })
    expect([...turned.images()].map(({ a, b }) => `${a.path} ${b.path}`)).toEqual([
      'x/0.jpg cleo/0.jpg',
      'x/1.jpg cleo/0.jpg',
    ])
  })

  it('that both sides hold twice are in three pairs, in each of which one is the first', async () => {
    const [left, right] = [join(datasets, 'twice'), join(datasets, 'twice-too')]
    for (const folder of [left, right]) {
      await mkdir(join(folder, 'x'), { recursive: true })
      for (const i of [0, 1]) await writeFile(join(folder, 'x', `${i}.jpg`), 'one image')
    }
    const found = await find(left, right)
    expect(found.counts.images).toEqual({ a: 2, b: 2, distinct: 1 })
    expect(found.imagePairs).toBe(3)
    expect([...found.images()].map(({ a, b }) => `${a.path} ${b.path}`)).toEqual([
      'x/0.jpg x/0.jpg',
      'x/0.jpg x/1.jpg',
      'x/1.jpg x/0.jpg',
    ])
  })

  it('are none where no image is on both sides', async () => {
    await publishTiny(datasets, 'left', { ann: 2 })
    await publishTiny(datasets, 'right', { bob: 2 })
    const found = await find('left', 'right')
    expect(found.counts).toMatchObject({
      images: { a: 0, b: 0, distinct: 0 },
      people: { count: 0, name: 0, embedding: 0, bytes: 0 },
    })
    expect(describeOverlap(found)).toHaveLength(3)
  })
})

describe('people', () => {
  it('are found by name, whatever its case and what parts its words', async () => {
    await publishTiny(datasets, 'one', { Ann_Lee: 1, bob: 1 })
    await publishTiny(datasets, 'two', { 'ann-lee': 2, bobby: 1 })
    const { people } = await find('one', 'two')
    expect(people).toEqual([
      { a: { label: 0, name: 'Ann_Lee' }, b: { label: 0, name: 'ann-lee' }, by: ['name'] },
    ])
  })

  it('are found by their centres too, under other names, and those of one name get their cosine', async () => {
    const folder = await folderOf('renamed', { IDENTITY_1: 1, someone: 6, 'identity-3': 40 })
    const found = await find('train', folder, model)
    expect(found.people).toEqual([
      {
        a: { label: 1, name: 'identity-1' },
        b: { label: 0, name: 'IDENTITY_1' },
        by: ['name', 'embedding'],
        cosine: expect.closeTo(1, 1),
      },
      {
        a: { label: 3, name: 'identity-3' },
        b: { label: 1, name: 'identity-3' },
        by: ['name'],
        cosine: expect.any(Number),
      },
      {
        a: { label: 6, name: 'identity-6' },
        b: { label: 2, name: 'someone' },
        by: ['embedding'],
        cosine: expect.closeTo(1, 1),
      },
    ])
    expect(found.people[1]!.cosine).toBeLessThan(0.65)
    expect(found.counts.people).toEqual({ count: 3, name: 2, embedding: 2, bytes: 0 })
    const none = await find('train', folder, { ...model, threshold: 1 })
    expect(none.counts.people.embedding).toBeLessThan(2)
  })

  it('are not those whom one side has twice', async () => {
    const folder = await folderOf('doubled', { someone: 41, 'some-one': 42, Some_One: 42 })
    expect((await find('train', folder, model)).people).toEqual([])
  })

  it('of a bin are nobody else, however near', async () => {
    const folder = await folderOf('strangers', { first: 41, second: 42 })
    expect((await find(folder, 'test.bin', model)).people).toEqual([])
  })

  it('of a bin are found by its images, on whichever side it is', async () => {
    expect((await find('train', 'test.bin')).people).toEqual([])
    const found = await find('train', 'test.bin', model)
    expect(found.counts.b).not.toHaveProperty('identities')
    expect(found.people.map(({ a, by }) => [a, by])).toEqual(
      [0, 1, 2].map((label) => [{ label, name: `identity-${label}` }, ['embedding']]),
    )
    expect(found.people[0]!.b).toEqual({ image: expect.stringMatching(/^image \d+$/) })
    const turned = await find('test.bin', 'train', model)
    expect(turned.people.map(({ a, b, ...rest }) => ({ a: b, b: a, ...rest }))).toEqual(found.people)
  })

  it('of a bin are found by byte-identical images without a model', async () => {
    const folder = join(datasets, 'leaked')
    await mkdir(join(folder, 'ann'), { recursive: true })
    await writeFile(join(folder, 'ann', '0.jpg'), encodeJpeg(tinyImage(photos, 0, 1000), 95))
    const found = await find('test.bin', folder)
    expect(found.people).toEqual([{ a: { image: 'image 0' }, b: { label: 0, name: 'ann' }, by: ['bytes'] }])
    expect([...found.images()].map(({ a }) => a)).toEqual([{ path: '', key: 0 }])
  })

  it('of two bins are images of the second with somebody of the first', async () => {
    await copyFile(join(datasets, 'test.bin'), join(datasets, 'copy.bin'))
    const same = await find('test.bin', 'copy.bin', model)
    expect(same.counts.images).toEqual({ a: 24, b: 24, distinct: 24 })
    expect(same.counts.people).toMatchObject({ count: 24, bytes: 24 })
    const alike = await find('test.bin', 'other.bin', model)
    expect(alike.counts.images).toEqual({ a: 3, b: 3, distinct: 3 })
    expect(alike.counts.people).toMatchObject({ count: 8, bytes: 3, embedding: 5 })
    expect((await find('test.bin', 'other.bin')).counts.people).toMatchObject({ count: 3, bytes: 3 })
  })

  it('are not compared where there is nothing of that name', async () => {
    await expect(find('train', 'nowhere')).rejects.toThrow(InputError)
  })
})

describe('the file of an overlap', () => {
  it('has a row for each person and each pair of images', async () => {
    await publishTiny(datasets, 'p', { 'ann, jr': 2 })
    await publishTiny(datasets, 'q', { 'ann, jr': 1 })
    const path = join(datasets, 'overlap.csv')
    await writeOverlapCsv(path, await find('p', 'q'))
    expect((await readFile(path, 'utf8')).split('\n')).toEqual([
      'kind,by,cosine,a_identity,a_label,a_path,a_key,b_identity,b_label,b_path,b_key,xxh64',
      'person,name,,"ann, jr",0,,,"ann, jr",0,,,',
      expect.stringMatching(
        /^image,bytes,,"ann, jr",0,"ann, jr\/0.jpg",1,"ann, jr",0,"ann, jr\/0.jpg",1,xxh64:[0-9a-f]{16}$/,
      ),
      '',
    ])
  })
})
