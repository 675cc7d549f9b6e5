import { open, realpath, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Overview, PeoplePage, Person, PhotoPage } from '../../src/browser/api.js'
import { type Browsing, browse } from '../../src/browser/browse.js'
import { runStage } from '../../src/cluster/local.js'
import { Dataset } from '../../src/dataset/index.js'
import { decodeRgb, encodeJpeg } from '../../src/image/index.js'
import { embed } from '../../src/stages/embed/embed.js'
import { merge } from '../../src/stages/merge/merge.js'
import { localRun } from '../cluster/local-run.js'
import { publishTiny } from '../dataset/make-dataset.js'
import { writePoolingModel } from '../embeddings/pooling-model.js'
import { foreignFolder } from '../repairs/foreign-folder.js'
import { temporaryFolder } from '../temporary-folder.js'
import { tinyImage, writeTinyDataset } from '../training/tiny-dataset.js'
import { asker } from './ask.js'
import { faceJpeg, publishFaces } from './face-dataset.js'

const datasets = temporaryFolder()
const browsings: Browsing[] = []
afterEach(async () => {
  for (const browsing of browsings.splice(0)) await browsing.close()
})

async function browsed(...names: string[]) {
  const browsing = await browse(names, { datasets })
  browsings.push(browsing)
  return asker(browsing.url)
}

const labelsOf = ({ rows }: PeoplePage) => rows.map(({ label }) => label)

describe('people of a dataset', async () => {
  await publishTiny(datasets, 'people', { Zoe: 2, ann_lee: 3, 'Ann Bo': 1, 'no 12': 1, x: 5 })

  it('come a window at a time, in order, with their first image', async () => {
    const { json } = await browsed('people')
    const page = await json<PeoplePage>('/api/datasets/0/people?from=1&count=2')
    expect(page).toEqual({
      total: 5,
      rows: [
        { label: 1, name: 'ann_lee', images: 3, cover: 2 },
        { label: 2, name: 'Ann Bo', images: 1, cover: 5 },
      ],
    })
    expect(labelsOf(await json('/api/datasets/0/people?sort=most'))).toEqual([4, 1, 0, 2, 3])
    expect(labelsOf(await json('/api/datasets/0/people?sort=fewest'))).toEqual([2, 3, 0, 1, 4])
    expect(labelsOf(await json('/api/datasets/0/people?sort=name'))).toEqual([2, 1, 3, 4, 0])
  })

  it('are found by a part of their name, whatever its case and separators, and by label', async () => {
    const { json } = await browsed('people')
    const search = (text: string) =>
      json<PeoplePage>(`/api/datasets/0/people?search=${encodeURIComponent(text)}`)
    expect(labelsOf(await search('ANN'))).toEqual([1, 2])
    expect(labelsOf(await search('ann-lee'))).toEqual([1])
    expect(labelsOf(await search('4'))).toEqual([4])
    expect(labelsOf(await search('1'))).toEqual([1, 3])
    expect(labelsOf(await search('#1'))).toEqual([1])
    expect(await search('nobody')).toEqual({ total: 0, rows: [] })
  })

  it('have photos with the fields of the manifest, and the bytes of the record', async () => {
    const { json, get } = await browsed('people')
    const { total, rows } = await json<PhotoPage>('/api/datasets/0/people/1/photos?from=1&count=1')
    const dataset = await Dataset.open(join(datasets, 'people'))
    const stored = await dataset.image(3)
    await dataset.close()
    expect(total).toBe(3)
    expect(rows).toMatchObject([
      {
        position: 3,
        key: stored.key,
        label: 1,
        path: 'ann_lee/1.jpg',
        source: 'photos',
        offset: stored.offset,
      },
    ])
    // They are no images: the words say so, and a picture stands in their place.
    expect(rows[0]!.fault).toContain('not an image of a known format')
    const shown = await get('/photos/0/3')
    expect([shown.status, shown.headers['content-type']]).toEqual([422, 'image/svg+xml'])
  })

  it('tell what an order needs that was not computed', async () => {
    const { json, get } = await browsed('people')
    const { datasets: found } = await json<Overview>('/api/overview')
    expect(found[0]!.missingSorts).toEqual([
      { sort: 'noise', why: expect.stringContaining('facedata clean') },
      { sort: 'similarity', why: expect.stringContaining('facedata embed') },
    ])
    const refused = await get('/api/datasets/0/people?sort=similarity')
    expect([refused.status, JSON.parse(refused.text).error]).toEqual([422, expect.stringContaining('embed')])
  })
})

describe('where a person came from', () => {
  it('is told through every merge', async () => {
    await publishTiny(datasets, 'left', { Ann: 1 })
    await publishTiny(datasets, 'right', { bob: 1, ann: 2 })
    const options = { inputs: ['left', 'right'], output: 'both', identities: 'by-name', datasets }
    await runStage(merge, merge.options.parse(options), localRun())
    const { json } = await browsed('both')
    const found = await json<Person>('/api/datasets/0/people/0')
    expect(found).toMatchObject({ label: 0, name: 'Ann', images: 3 })
    expect(found.origins.map(({ source, name, label }) => [source!.name, name, label])).toEqual([
      ['left', 'Ann', 0],
      ['right', 'ann', 1],
    ])
    expect(found.origins[0]!.source!.sources).toMatchObject([
      { kind: 'folder', name: 'photos', licence: 'CC0' },
    ])
  })
})

describe('images', () => {
  it('are served as they are stored; large ones as small ones in a grid', async () => {
    const large = encodeJpeg(tinyImage({ identities: 1, imagesEach: 1, size: 600 }, 0, 0), 90)
    await publishFaces(datasets, 'faces', [{ name: 'ann', identity: 0, images: 2, first: large }])
    const { get } = await browsed('faces')
    expect((await get('/photos/0/0')).bytes.equals(large)).toBe(true)
    expect((await get('/thumbnails/0/1')).bytes.equals(faceJpeg(0, 1))).toBe(true)
    const small = await get('/thumbnails/0/0')
    expect(small.headers['content-type']).toBe('image/jpeg')
    expect(small.bytes.length).toBeLessThan(large.length / 2)
  })

  it('of a row of a grid are one picture; what cannot be read of them is crossed out', async () => {
    const output = await publishFaces(datasets, 'row', [{ name: 'ann', identity: 0, images: 3 }])
    const { json, get } = await browsed('row')
    const whole = await get('/strips/0?side=256&at=2,-1,0')
    expect(whole.headers['content-type']).toBe('image/jpeg')
    const { width, height } = await decodeRgb(whole.bytes)
    expect([width, height]).toEqual([3 * 112, 112])
    const { rows } = await json<PhotoPage>('/api/datasets/0/people/0/photos')
    const records = await open(join(output, 'train.rec'), 'r+')
    await records.write(Buffer.alloc(8), 0, 8, rows[2]!.offset)
    await records.close()
    const hurt = await get('/strips/0?side=256&at=2,-1,0')
    expect(hurt.bytes.equals((await get('/strips/0?side=256&at=2,-1,0')).bytes)).toBe(true)
    expect(hurt.bytes.equals(whole.bytes)).toBe(false)
  })

  it.each([
    ['/strips/0?side=112&at=3', 404, 'there is no image 3'],
    ['/strips/1?side=112&at=0', 404, 'there is no dataset 1'],
    ['/strips/0?side=112&at=0,x', 400, 'at: '],
    ['/strips/0?side=112&at=-2', 400, 'at: '],
    ['/strips/0?side=4096&at=0', 400, 'side: '],
    [`/strips/0?side=112&at=${Array(101).fill(0)}`, 400, 'at most 100 images in a strip'],
  ])('%s is refused', async (path, status, reason) => {
    await publishFaces(datasets, 'few', [{ name: 'ann', identity: 0, images: 3 }])
    const answer = await (await browsed('few')).get(path)
    expect([answer.status, JSON.parse(answer.text).error]).toEqual([status, expect.stringContaining(reason)])
  })

  it('that are damaged are told of with their record, and the others are served', async () => {
    const output = await publishFaces(datasets, 'hurt', [{ name: 'ann', identity: 0, images: 3 }])
    const { json, get } = await browsed('hurt')
    const { rows } = await json<PhotoPage>('/api/datasets/0/people/0/photos')
    const records = await open(join(output, 'train.rec'), 'r+')
    await records.write(Buffer.alloc(8), 0, 8, rows[1]!.offset)
    await records.write(Buffer.from([0, 0, 0, 0]), 0, 4, rows[2]!.offset + 8 + 24 + 500)
    await records.close()
    const again = (await json<PhotoPage>('/api/datasets/0/people/0/photos')).rows
    expect(again.map(({ fault }) => fault)).toEqual([
      undefined,
      expect.stringMatching(/train\.rec: at offset \d+: no record begins here: bad magic word/),
      expect.stringMatching(/not the image that was stored: expected xxh64 [0-9a-f]{16}, found/),
    ])
    expect((await get('/photos/0/0')).status).toBe(200)
    expect((await get('/photos/0/1')).status).toBe(422)
  })

  it('are those of the version that was opened, also when others are published over it', async () => {
    await publishFaces(datasets, 'replaced', [{ name: 'ann', identity: 0, images: 2 }])
    const { get, json } = await browsed('replaced')
    for (const identity of [1, 2, 3]) {
      await publishFaces(datasets, 'replaced', [{ name: 'bob', identity, images: 1 }])
    }
    expect((await get('/photos/0/1')).bytes.equals(faceJpeg(0, 1))).toBe(true)
    const { rows } = await json<PhotoPage>('/api/datasets/0/people/0/photos')
    expect(rows.map(({ path, fault }) => [path, fault])).toEqual([
      ['ann/0.jpg', undefined],
      ['ann/1.jpg', undefined],
    ])
  })
})

describe('a dataset of another tool', () => {
  const jpeg = (key: number, label: number) => ({ key, labels: [label], bytes: faceJpeg(label, key) })

  it('is shown by what its records and list say', async () => {
    const folder = await foreignFolder(join(datasets, 'foreign'), [jpeg(0, 1), jpeg(1, 0), jpeg(2, 1)])
    await writeFile(join(folder, 'train.lst'), '0\t1\tbob/0.jpg\n1\t0\tann/1.jpg\n2\t1\tbob/2.jpg\n')
    const { json, get } = await browsed('foreign')
    expect(await json('/api/datasets/0/people')).toEqual({
      total: 2,
      rows: [
        { label: 0, name: 'ann', images: 1, cover: 1 },
        { label: 1, name: 'bob', images: 2, cover: 0 },
      ],
    })
    const { rows, noSimilarity } = await json<PhotoPage>('/api/datasets/0/people/1/photos')
    expect(rows.map(({ key, path, format, fault }) => [key, path, format, fault])).toEqual([
      [0, 'bob/0.jpg', 'jpeg', undefined],
      [2, 'bob/2.jpg', 'jpeg', undefined],
    ])
    expect(noSimilarity).toContain('adopt')
    expect((await get('/photos/0/2')).bytes.equals(faceJpeg(1, 2))).toBe(true)
    const { datasets: found } = await json<Overview>('/api/overview')
    expect(found[0]!.notices[0]).toContain('Made by another tool')
  })

  it('is read around records that are damaged', async () => {
    const folder = await foreignFolder(join(datasets, 'broken'), [
      { key: 0, labels: [4, 6] },
      jpeg(1, 0),
      jpeg(2, 1),
      jpeg(3, 1),
      { key: 4, labels: [1, 2] },
      { key: 5, labels: [2, 4] },
    ])
    await writeFile(join(folder, 'property'), '2,112,112')
    const index = (await Dataset.open(folder).then(async (dataset) => {
      await dataset.close()
      return dataset.recordIndex
    }))!
    const records = await open(join(folder, 'train.rec'), 'r+')
    await records.write(Buffer.alloc(4), 0, 4, index.offsets[2]!)
    await records.close()
    const { json } = await browsed('broken')
    expect(labelsOf(await json('/api/datasets/0/people'))).toEqual([0, 1])
    const { datasets: found } = await json<Overview>('/api/overview')
    expect(found[0]).toMatchObject({ images: 2, identities: 2 })
    expect(found[0]!.notices.slice(1)).toEqual([
      expect.stringContaining('1 record cannot be read'),
      expect.stringMatching(/record 2 at offset \d+: no record begins here/),
    ])
  })
})

describe('the order by similarity', () => {
  it('is by embeddings that were computed before: people whose photos differ most come first', async () => {
    const model = join(datasets, 'pooling.onnx')
    await writePoolingModel(model, 16)
    const other = encodeJpeg(tinyImage({ identities: 9, imagesEach: 1, size: 16 }, 8, 0), 95)
    const tiny = { imagesEach: 4, size: 16, identities: 2 }
    await writeTinyDataset(join(datasets, 'alike'), tiny)
    await writeTinyDataset(join(datasets, 'mixed'), { ...tiny, replacement: { image: 2, bytes: other } })
    await runStage(
      merge,
      merge.options.parse({ inputs: ['alike', 'mixed'], output: 'measured', datasets }),
      localRun(),
    )
    const given = { model, input: 'measured', output: join(datasets, 'measured.arrow'), datasets }
    await runStage(embed, embed.options.parse(given), localRun())
    await rm(given.output)
    const { json } = await browsed('measured')
    const { rows } = await json<PeoplePage>('/api/datasets/0/people?sort=similarity')
    expect(new Set(rows.slice(0, 2).map(({ label }) => label))).toEqual(new Set([2, 3]))
    expect(rows[0]!.value).toBeLessThan(0.95)
    expect(rows[3]!.value).toBeGreaterThan(0.97)
    const { rows: photos } = await json<PhotoPage>('/api/datasets/0/people/2/photos?sort=similarity')
    expect(photos[0]).toMatchObject({ path: 'identity-0/2.jpg' })
    expect(photos[0]!.similarity).toBeLessThan(photos[1]!.similarity!)
    const { datasets: found } = await json<Overview>('/api/overview')
    expect(found[0]!.missingSorts.map(({ sort }) => sort)).toEqual(['noise'])
  })

  it('is that of the version that was opened, also when its files are gone', async () => {
    const { json } = await browsed('measured')
    await rm(await realpath(join(datasets, 'measured')), { recursive: true })
    const { rows } = await json<PeoplePage>('/api/datasets/0/people?sort=similarity')
    expect(rows).toHaveLength(4)
    expect(rows[0]!.value).toBeLessThan(0.95)
  })
})
