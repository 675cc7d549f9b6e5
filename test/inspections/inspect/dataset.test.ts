import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DatasetWriter, publishDataset } from '../../../src/dataset/index.js'
import { InputError } from '../../../src/errors/index.js'
import { inspectDataset } from '../../../src/inspections/inspect/dataset.js'
import { describeDataset } from '../../../src/inspections/inspect/describe-dataset.js'
import { describeInspection, inspect } from '../../../src/inspections/inspect/inspect.js'
import { silentProgress } from '../../../src/progress/progress.js'
import { plainStyle } from '../../../src/terminal/index.js'
import { imageBytes, newDataset, publishTiny, writeForeign } from '../../dataset/make-dataset.js'
import { testData } from '../../oracles/data.js'
import { temporaryFolder } from '../../temporary-folder.js'

const folder = temporaryFolder()
const path = await publishTiny(folder, 'tiny', { ann: 3, bob: 0, cleo: 6, dan: 4, eve: 1 })
await writeForeign(join(folder, 'train'), [
  { key: 5, labels: [1], bytes: imageBytes('x', 0) },
  { key: 9, labels: [0], id: 77, bytes: imageBytes('x', 1) },
])

/** Two sources, sizes and formats, and images that were left out. */
async function publishMixed(): Promise<string> {
  const writer = await DatasetWriter.create(join(folder, '.scratch', 'mixed'), {
    ...newDataset,
    name: 'mixed',
    sources: [
      { kind: 'dataset', name: 'a', sources: [{ kind: 'folder', name: 'photos', licence: 'CC0' }] },
      { kind: 'archive', name: 'b.zip', origin: 'synthetic' },
    ],
  })
  for (const [name, images] of [
    ['ann', 2],
    ['bob', 6],
  ] as const) {
    const label = writer.addIdentity({ name, source: 0, sourceName: name, sourceLabel: -1 })
    for (let i = 0; i < images; i++) {
      writer.addImage({
        label,
        bytes: imageBytes(name, i),
        source: i % 4 === 3 ? 1 : 0,
        path: `${name}/${i}`,
        width: i === 0 ? 96 : 112,
        height: 112,
        format: i === 5 ? 'png' : 'jpeg',
      })
    }
  }
  for (let i = 0; i < 3; i++) {
    writer.skip({ source: 'a', path: `${i}`, reason: `"p${i}" keeps ${i} images, fewer than --min-images 5` })
  }
  writer.skip({ source: 'a', path: 'x', reason: 'the image is truncated' })
  const output = join(folder, 'mixed')
  await publishDataset(await writer.finish(), output, { strict: false, replace: true })
  return output
}

const mixed = await publishMixed()

describe('inspecting a dataset', () => {
  it('counts images and identities, and tells who made it', async () => {
    const found = await inspect('tiny', { datasets: folder })
    expect(found).toMatchObject({
      kind: 'dataset',
      name: 'tiny',
      dialect: 'insightface',
      images: 14,
      identities: 5,
      emptyIdentities: 1,
      height: 112,
      width: 112,
      imagesPerIdentity: {
        minimum: 1,
        median: 3,
        maximum: 6,
        mean: 3.5,
        percentiles: { 5: 1, 25: 1, 75: 4, 95: 6 },
      },
      sizes: [{ width: 112, height: 112, images: 14 }],
      distinctSizes: 1,
      formats: [{ format: 'jpeg', images: 14 }],
      unindexedRecords: 0,
      made: {
        stage: 'pack',
        skipped: 0,
        sources: [{ kind: 'folder', name: 'photos', licence: 'CC0' }],
        imagesBySource: [14],
      },
    })
    expect(found).not.toHaveProperty('record')
  })

  it('counts sizes, formats and sources by image, and skipped files by reason', async () => {
    const found = await inspectDataset(mixed)
    expect(found.sizes).toEqual([
      { width: 112, height: 112, images: 6 },
      { width: 96, height: 112, images: 2 },
    ])
    expect(found.formats).toEqual([
      { format: 'jpeg', images: 7 },
      { format: 'png', images: 1 },
    ])
    expect(found.made).toMatchObject({
      imagesBySource: [7, 1],
      skipped: 4,
      skippedReasons: [
        { reason: '"..." keeps N images, fewer than --min-images N', count: 3 },
        { reason: 'the image is truncated', count: 1 },
      ],
    })
  })

  it('says all that in less than a screen, in ASCII where the terminal has no more', async () => {
    const found = await inspectDataset(mixed, { record: 1 })
    const lines = describeDataset(found, plainStyle)
    expect(lines.slice(0, 11)).toEqual([
      'mixed: 8 images of 2 identities, dialect insightface',
      '  images each  2 |#   #| 6',
      '               median 2, mean 4.0; percentiles 5%: 2, 25%: 2, 75%: 6, 95%: 6',
      '  sizes        112x112 75.0%, 96x112 25.0%',
      '  formats      jpeg 87.5%, png 12.5%',
      '  sources      87.5% dataset a, from folder photos (licence: CC0)',
      '               12.5% archive b.zip (origin: synthetic)',
      '  skipped      4: see skipped.jsonl',
      '               3 "..." keeps N images, fewer than --min-images N',
      '               1 the image is truncated',
      expect.stringMatching(/^ {2}made by {6}facedata \S+ pack, fingerprint [0-9a-f]{16}$/),
    ])
    expect(lines.length).toBeLessThanOrEqual(24)
    const unicode = describeDataset(found, { ...plainStyle, unicode: true })
    expect(unicode[1]).toBe('  images each  2 |█   █| 6')
    const colour = describeDataset(found, { ...plainStyle, colour: true })
    expect(colour[0]).toContain('\u001b[1mmixed:')
  })

  it('fills no screen, however many sources and reasons there are', async () => {
    const found = await inspectDataset(mixed, { record: 1 })
    const sources = Array.from({ length: 40 }, (_, i) => ({ kind: 'folder', name: `f${i}` }) as const)
    const skippedReasons = sources.map(({ name }) => ({ reason: name.repeat(200), count: 2 }))
    const made = { ...found.made!, sources, imagesBySource: sources.map((_, i) => i), skippedReasons }
    const lines = describeDataset({ ...found, made }, plainStyle)
    expect(lines.length).toBeLessThanOrEqual(24)
    expect(lines.join('\n')).toContain('and 36 more: --json has all')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(160)
  })

  it('tells how far it has come', async () => {
    const told: unknown[] = []
    const progress = {
      ...silentProgress,
      start: (...phase: unknown[]) => void told.push(phase),
      advance: (count: number) => void told.push(count),
    }
    await inspectDataset(mixed, { progress })
    expect(told).toEqual([['counting', 8, 'images'], 8])
  })

  it('does without a list of what was skipped', async () => {
    const other = await publishTiny(folder, 'other', { ann: 1 })
    const found = await inspectDataset(other)
    const made = { ...found.made!, skipped: 3 }
    expect(describeDataset({ ...found, made }, plainStyle).join('\n')).toMatch(/skipped +3\n/)
  })
})

describe('inspecting a record', () => {
  it('shows an image with its identity and origin', async () => {
    const { record, ...rest } = await inspectDataset(path, { record: 4 })
    expect(record).toEqual({
      key: 4,
      kind: 'image',
      offset: expect.any(Number),
      length: 24 + imageBytes('cleo', 0).length,
      header: { flag: 0, label: 2, labels: [], id: '4', id2: '0' },
      image: { bytes: imageBytes('cleo', 0).length, identity: 'cleo', source: 'photos', path: 'cleo/0.jpg' },
    })
    const text = describeInspection({ ...rest, record: record! }).join('\n')
    expect(text).toContain('identity: cleo')
    expect(text).toContain('from: photos, cleo/0.jpg')
  })

  it('shows header and identity records as numbers', async () => {
    const { record } = await inspectDataset(path, { record: 0 })
    expect(record).toMatchObject({ kind: 'numbers', header: { flag: 2, labels: [15, 20] } })
    expect(record!.image).toBeUndefined()
    expect((await inspectDataset(path, { record: 17 })).record!.header.labels).toEqual([4, 10])
  })

  it('of a key that is not there names the keys that are', async () => {
    const error = await inspectDataset(path, { record: 20 }).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(InputError)
    expect((error as InputError).fault).toMatchObject({ record: 20, expected: 'a key from 0 to 19' })
  })
})

describe('inspecting a dataset of another tool', () => {
  it('reads it with or without its list', async () => {
    const stem = join(folder, 'train')
    const bare = await inspectDataset(`${stem}.rec`, { record: 9 })
    expect(bare).toMatchObject({
      name: 'train',
      dialect: 'im2rec',
      images: 2,
      identities: 2,
      height: 0,
      imagesPerIdentity: { minimum: 1, maximum: 1 },
      sizes: [{ width: 0, height: 0, images: 2 }],
      formats: [{ format: 'unknown', images: 2 }],
    })
    expect(bare.made).toBeUndefined()
    expect(bare.record).toMatchObject({ header: { id: '77' }, image: { bytes: imageBytes('x', 1).length } })
    expect(describeInspection(bare).join('\n')).toContain('made by      another tool')
    await writeFile(`${stem}.lst`, '5\t1\tb/0.jpg\n9\t0\ta/1.jpg\n')
    const { record } = await inspectDataset(`${stem}.rec`, { record: 9 })
    expect(record!.image).toMatchObject({ identity: 'a', path: 'a/1.jpg' })
  })

  it.skipIf(testData() === undefined)(
    'tells format and size of real images (needs ../shared/data)',
    async () => {
      const found = await inspectDataset(join(testData()!, 'golden/insightface_kzval'), { record: 3 })
      expect(found).toMatchObject({
        images: 229,
        identities: 25,
        imagesPerIdentity: { minimum: 8, maximum: 10 },
        sizes: [{ width: 112, height: 112, images: 229 }],
        formats: [{ format: 'jpeg', images: 229 }],
      })
      const { path = '', identity, ...image } = found.record!.image!
      expect(image).toEqual({ bytes: 2687, format: 'jpeg', width: 112, height: 112 })
      expect(path).toMatch(/\.jpg$/)
      expect(identity).toBe(path.split('/').at(-2))
    },
  )
})
