import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type LocalRun, runStage } from '../../../src/cluster/local.js'
import { DatasetWriter, publishDataset } from '../../../src/dataset/index.js'
import { InputError, StrictError, UsageError } from '../../../src/errors/index.js'
import { encodeJpeg, type RgbImage } from '../../../src/image/index.js'
import { clean } from '../../../src/stages/clean/clean.js'
import { merge } from '../../../src/stages/merge/merge.js'
import { renderFace } from '../../../src/synthesis/index.js'
import { localRun } from '../../cluster/local-run.js'
import { contentOf } from '../../dataset/dataset-content.js'
import { newDataset, publishTiny } from '../../dataset/make-dataset.js'
import { temporaryFolder } from '../../temporary-folder.js'

const datasets = temporaryFolder()

function run(given: Record<string, unknown>, settings: Partial<LocalRun> = {}) {
  return runStage(clean, clean.options.parse({ dataset: 'faces', datasets, ...given }), localRun(settings))
}

/** Every pixel the mean of those around it, some times. */
function blur(image: RgbImage, times: number): RgbImage {
  const { width, height } = image
  let data = image.data
  for (let i = 0; i < times; i++) {
    const before = data
    data = before.map((value, at) => {
      const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)]
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) return value
      const row = 3 * width
      return (before[at - 3]! + before[at + 3]! + before[at - row]! + before[at + row]! + value) / 5
    })
  }
  return { width, height, data }
}

function darken(image: RgbImage): RgbImage {
  return { ...image, data: image.data.map((value) => value / 6) }
}

const face = (identity: number, image: number) => renderFace(3, identity, image)
const jpeg = (image: RgbImage, quality = 95) => encodeJpeg(image, quality)

const people: Record<string, Record<string, Uint8Array>> = {
  ann: {
    '0.jpg': jpeg(face(0, 0)),
    '1.jpg': jpeg(face(0, 1)),
    'again.jpg': jpeg(face(0, 0)),
    'smaller-file.jpg': jpeg(face(0, 1), 60),
  },
  bob: { '0.jpg': jpeg(face(1, 0)), 'dark.jpg': jpeg(darken(face(1, 1))), 'of-ann.jpg': jpeg(face(0, 0)) },
  cleo: { 'blurred.jpg': jpeg(blur(face(2, 0), 40)) },
  dan: {
    '0.jpg': jpeg(face(3, 0)),
    'broken.jpg': jpeg(face(3, 1)).subarray(0, 900),
    '2.jpg': jpeg(face(3, 2)),
  },
}

async function publish(name: string, settings = {}): Promise<void> {
  const written = await DatasetWriter.create(join(datasets, '.scratch', name), {
    ...newDataset,
    name,
    ...settings,
  })
  for (const [person, images] of Object.entries(people)) {
    const label = written.addIdentity({ name: person, source: 0, sourceName: person, sourceLabel: -1 })
    for (const [file, bytes] of Object.entries(images)) {
      const path = `${person}/${file}`
      written.addImage({ label, bytes, source: 0, path, width: 112, height: 112, format: 'jpeg' })
    }
  }
  await publishDataset(await written.finish(), join(datasets, name), { strict: false, replace: false })
}

await publish('faces')

const found = { 'byte-identical': 2, 'near-duplicate': 1, blurred: 1, dark: 1, small: 0, undecodable: 1 }

async function skippedOf(name: string): Promise<Record<string, string>> {
  const text = await readFile(join(datasets, name, 'skipped.jsonl'), 'utf8')
  const lines = text.trim().split('\n').filter(Boolean)
  const records = lines.map((line) => JSON.parse(line) as { path: string; reason: string })
  return Object.fromEntries(records.map(({ path, reason }) => [path, reason]))
}

const pathsOf = async (name: string) =>
  (await contentOf(join(datasets, name))).images.map(({ name: person, path }) => `${person}: ${path}`)

describe('clean', () => {
  it('writes a dataset without what its rules find, and says why of each image', async () => {
    const result = await run({}, { jobs: 2 })
    expect(result).toMatchObject({
      output: join(datasets, 'faces-clean'),
      images: 5,
      identities: 3,
      dropped: 6,
      listed: 6,
      found,
      leftIdentities: 1,
      unused: ['outlier', 'two-people'],
    })
    expect(await pathsOf('faces-clean')).toEqual([
      'ann: ann/0.jpg',
      'ann: ann/1.jpg',
      'bob: bob/0.jpg',
      'dan: dan/0.jpg',
      'dan: dan/2.jpg',
    ])
    const skipped = await skippedOf('faces-clean')
    expect(Object.keys(skipped).sort()).toEqual([
      'ann/again.jpg',
      'ann/smaller-file.jpg',
      'bob/dark.jpg',
      'bob/of-ann.jpg',
      'cleo/blurred.jpg',
      'dan/broken.jpg',
    ])
    expect(skipped['ann/again.jpg']).toBe('byte-identical; see ann/0.jpg (key 1) (key 3 of faces)')
    expect(skipped['ann/smaller-file.jpg']).toMatch(
      /^near-duplicate: \d+, up to 24; see ann\/1.jpg \(key 2\)/,
    )
    expect(skipped['bob/dark.jpg']).toMatch(/^dark: [\d.]+, below 40/)
    expect(skipped['cleo/blurred.jpg']).toMatch(/^blurred: [\d.]+, below 15/)
    expect(skipped['dan/broken.jpg']).toMatch(/^undecodable: /)
    expect(clean.describe(result)[0]).toBe('kept 5 images of 3 identities (6 skipped)')
  })

  it('labels who is left from 0, and keeps where everybody came from', async () => {
    const { images, description } = await contentOf(join(datasets, 'faces-clean'))
    expect(images.map(({ label }) => label)).toEqual([0, 0, 1, 2, 2])
    expect(images.at(-1)).toMatchObject({ name: 'dan', from: ['faces', 'dan', 3], source: 'faces' })
    expect(description.options).toEqual({
      rules: {
        undecodable: true,
        'byte-identical': true,
        'near-duplicate': 24,
        small: 32,
        blurred: 15,
        dark: 40,
      },
    })
  })

  it('is the same, byte for byte, each time and whatever the threads', async () => {
    const again = await run({ output: join(datasets, 'again', 'faces-clean') }, { jobs: 3 })
    for (const name of await readdir(again.output)) {
      const [a, b] = await Promise.all(
        [again.output, join(datasets, 'faces-clean')].map((folder) => readFile(join(folder, name))),
      )
      expect(a, name).toEqual(b)
    }
  })

  it('lets only the named rules look, by the given thresholds', async () => {
    const result = await run({ output: 'dark-only', rules: 'dark, small', dark: 0.5, small: 112 })
    expect(result).toMatchObject({ images: 11, found: { dark: 0, small: 0 }, unused: [] })
    expect(await run({ output: 'brighter', rules: 'dark', dark: 255 })).toMatchObject({ images: 1 })
  })

  it('in a layout without order keeps the order of the images', async () => {
    await publish('loose', { dialect: 'im2rec' })
    await run({ dataset: 'loose' })
    const { description, images } = await contentOf(join(datasets, 'loose-clean'))
    expect(description.dialect).toBe('im2rec')
    expect(images.length).toBe(5)
  })

  it('publishes nothing under --strict where a rule finds something', async () => {
    await expect(run({ output: 'strict' }, { strict: true })).rejects.toThrow(StrictError)
    expect(await readdir(datasets)).not.toContain('strict')
    await run({ dataset: 'faces-clean', output: 'strict' }, { strict: true })
  })

  it.each([
    [{ rules: 'dark,sharp' }, /no rule "sharp".*blurred/],
    [{ rules: 'outlier' }, /outlier need --model/],
    [{ rules: 'dark', small: 3 }, /--small has no effect/],
    [{ outlier: 0.2 }, /--outlier needs --model/],
    [{ report: 'x' }, /--dry-run/],
    [{ review: 'x.csv', rules: 'dark', small: 3 }, /--rules, --small: no effect/],
    [{ exclude: ['faces'], small: 3 }, /--small has no effect/],
    [{ 'dry-run': true, review: 'x.csv' }, /give one of them/],
    [{ rules: 'small,undecodable', small: 113 }, /no image of faces would be left/],
  ])('refuses %o', async (given, message) => {
    const error = await run({ output: 'refused', ...given }).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(UsageError)
    expect((error as Error).message).toMatch(message)
  })
})

describe('a dry run of clean', () => {
  const report = join(datasets, 'report')
  const csv = join(report, 'report.csv')

  it('writes a ranked report and no dataset', async () => {
    const before = (await readdir(datasets)).sort()
    const result = await run({ output: 'dry', 'dry-run': true, report })
    expect(result).toMatchObject({ output: report, dryRun: true, images: 11, listed: 6, found, dropped: 0 })
    expect((await readdir(datasets)).sort()).toEqual([...before, 'report'].sort())
    const lines = (await readFile(csv, 'utf8')).trim().split('\n')
    expect(lines[0]).toMatch(/^rank,action,rule,value,threshold,key,label,name,path,/)
    expect(lines.slice(1).map((line) => line.split(',').slice(0, 3).join(' '))).toEqual([
      '1 drop undecodable',
      '2 drop byte-identical',
      '3 drop byte-identical',
      '4 drop near-duplicate',
      '5 drop blurred',
      '6 drop dark',
    ])
    const json = JSON.parse(await readFile(join(report, 'report.json'), 'utf8')) as {
      rows: unknown[]
      dataset: string
    }
    expect(json.dataset).toBe('faces')
    expect(json.rows).toHaveLength(6)
  })

  it('can be edited and given back, as CSV or JSON', async () => {
    const edited = (await readFile(csv, 'utf8'))
      .replace(/drop,dark/, 'keep,dark')
      .replace(/drop,blurred/, 'split,blurred')
    const path = join(datasets, 'edited.csv')
    await writeFile(path, `\uFEFF${edited.replaceAll('\n', '\r\n')}`)
    const result = await run({ output: 'reviewed', review: path })
    expect(result).toMatchObject({ images: 7, dropped: 4, split: 1, identities: 4 })
    expect(await pathsOf('reviewed')).toContain('cleo (2): cleo/blurred.jpg')
    expect(await pathsOf('reviewed')).toContain('bob: bob/dark.jpg')
    expect((await skippedOf('reviewed'))['ann/again.jpg']).toMatch(/^by review: byte-identical/)
    const json = await run({ output: 'from-json', review: join(report, 'report.json') })
    expect(json).toMatchObject({ images: 5, dropped: 6 })
  })

  it('splits photos off as an identity of its own, behind the one that they came from', async () => {
    const path = join(datasets, 'split.csv')
    const lines = (await readFile(csv, 'utf8')).replace(
      /drop,byte-identical(.*again)/,
      'split,byte-identical$1',
    )
    await writeFile(
      path,
      lines
        .split('\n')
        .filter((line) => !line.includes('drop'))
        .join('\n'),
    )
    await run({ output: 'split', review: path })
    const { images, identities } = await contentOf(join(datasets, 'split'))
    expect(identities.names).toEqual(['ann', 'ann (2)', 'bob', 'cleo', 'dan'])
    expect(images.slice(0, 5).map(({ label, path }) => `${label} ${path}`)).toEqual([
      '0 ann/0.jpg',
      '0 ann/1.jpg',
      '0 ann/smaller-file.jpg',
      '1 ann/again.jpg',
      '2 bob/0.jpg',
    ])
    expect(images[3]!.from).toEqual(['faces', 'ann', 0])
  })

  it.each([
    ['an action that there is not', /1,drop/, '1,remove', /line 2.*action.*keep, drop, split/s],
    ['the key of another image', /,11,3,|,10,3,/, ',1,3,', /another image/],
    ['a key that there is not', /,10,3,/, ',999,3,', /no image with the key 999/],
    ['a first line that was changed', /action/, 'what', /columns action, key and xxh64/],
  ])('is refused with %s', async (_, from, to, message) => {
    const path = join(datasets, 'wrong.csv')
    await writeFile(path, (await readFile(csv, 'utf8')).replace(from, to))
    const error = await run({ output: 'wrong', review: path }).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(InputError)
    expect((error as Error).message).toMatch(message)
  })
})

describe('clean --remove', () => {
  it('leaves people out by name, lets no rule look, and names them nowhere', async () => {
    const names = join(datasets, 'names.txt')
    await writeFile(names, 'bob\r\n\nNobody\n')
    const result = await run({ output: 'fewer', remove: names })
    expect(result).toMatchObject({
      images: 8,
      identities: 3,
      dropped: 3,
      found: {},
      leaving: {
        people: 1,
        images: 3,
        removal: { people: 1, notFound: ['Nobody'] },
      },
    })
    for (const file of ['skipped.jsonl', 'train.lst', 'dataset.json', 'identities.arrow', 'manifest.arrow']) {
      expect((await readFile(join(datasets, 'fewer', file))).includes('bob'), file).toBe(false)
    }
    expect(clean.describe(result)).toContain('nobody here is named "Nobody"')
    expect(clean.describe(result).some((line) => line.startsWith('delete '))).toBe(false)
  })

  it('says which folder may hold embeddings of them, where there is one', async () => {
    const names = join(datasets, 'embedded.txt')
    await writeFile(names, 'bob\n')
    const kept = join(datasets, 'kept-embeddings')
    await mkdir(kept)
    const result = await run({ output: 'fewer-still', remove: names, embeddings: [kept] })
    expect(result.leaving!.removal!.embeddings).toBe(kept)
    expect(clean.describe(result).at(-1)).toMatch(/^delete .*kept-embeddings: it may hold embeddings/)
  })

  it('by lineage lists what else holds them: datasets made of it, what it was made of, and bins', async () => {
    await publishTiny(datasets, 'other', { eve: 2 })
    await runStage(
      merge,
      merge.options.parse({ inputs: ['faces', 'other'], datasets, output: 'joined' }),
      localRun(),
    )
    const names = join(datasets, 'eve.txt')
    await writeFile(names, 'eve\n')
    const bin = { bin: { bytes: 0, xxh64: '' }, source: { dataset: 'other' } }
    const pair = { fold: null, same: true, images: ['eve/0.jpg', 'eve/1.jpg'] }
    await writeFile(join(datasets, 'shows.bin'), '')
    await writeFile(join(datasets, 'shows.bin.json'), JSON.stringify({ ...bin, pairs: [pair] }))
    await writeFile(join(datasets, 'other', 'unknown.bin'), '')
    const rebuilds = async (dataset: string) => {
      const { leaving } = await run({ dataset, output: `${dataset}-left`, remove: names })
      return leaving!
        .removal!.rebuild.map(({ kind, path, people: count }) => `${kind} ${basename(path)} ${count}`)
        .sort()
    }
    expect(await rebuilds('other').catch((error: Error) => error.message)).toMatch(
      /no image of other would be left/,
    )
    const all = ['bin shows.bin 1', 'bin unknown.bin undefined', 'dataset joined 1', 'dataset other 1']
    expect(await rebuilds('joined')).toEqual(all)
    await run({ dataset: 'joined-left', output: 'still-left', remove: names }).then(({ leaving }) =>
      expect(leaving).toMatchObject({ people: 0, removal: { notFound: ['eve'] } }),
    )
  })

  it('under --strict refuses a name that nobody has, and nothing else that was asked for', async () => {
    const names = join(datasets, 'misspelt.txt')
    await writeFile(names, 'bob\nbobb\n')
    await expect(run({ output: 'misspelt', remove: names }, { strict: true })).rejects.toThrow(/"bobb"/)
    await writeFile(names, 'bob\n')
    await run({ output: 'asked', remove: names }, { strict: true })
  })
})
