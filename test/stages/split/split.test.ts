import { mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type LocalRun, runStage } from '../../../src/cluster/local.js'
import { InputError, StrictError, UsageError } from '../../../src/errors/index.js'
import { observeWrites } from '../../../src/io/index.js'
import { silentLog } from '../../../src/progress/progress.js'
import { merge } from '../../../src/stages/merge/merge.js'
import { split } from '../../../src/stages/split/split.js'
import { localRun } from '../../cluster/local-run.js'
import { contentOf } from '../../dataset/dataset-content.js'
import { imageBytes, publishTiny, writeForeign } from '../../dataset/make-dataset.js'
import { readOurselves, readWithMxnet } from '../../dataset/mxnet.js'
import { oracle } from '../../oracles/python.js'
import { temporaryFolder } from '../../temporary-folder.js'

const parent = temporaryFolder()
const datasets = join(parent, 'datasets')

interface Given {
  dataset: string
  output?: string
  val?: string
  by?: string
  fraction?: number
  count?: number
  seed?: number
}

function run(given: Given, settings: Partial<LocalRun> = {}) {
  return runStage(split, split.options.parse({ datasets, ...given }), localRun(settings))
}

const people = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`person${i}`, 1 + (i % 6)]))
const images = Object.values(people).reduce((a, b) => a + b)
await publishTiny(datasets, 'umd', people)
await publishTiny(datasets, 'tiny', { ann: 2, bob: 3 })
await publishTiny(datasets, 'flat', people, { dialect: 'im2rec' })

const contentsOf = async (...names: string[]) =>
  Promise.all(names.map((name) => contentOf(join(datasets, name))))

/** Images without what a split changes. */
const gist = (content: Awaited<ReturnType<typeof contentOf>>) =>
  content.images.map(({ name, path, bytes }) => `${name} ${path} ${bytes}`)

describe('split by identity', () => {
  it('writes two datasets that share nobody and lack nobody, under names of their own', async () => {
    const result = await run({ dataset: 'umd', fraction: 0.25 })
    const [train, val, whole] = await contentsOf('umd-train', 'umd-val', 'umd')
    expect(result).toEqual({
      parts: [train!, val!].map(({ description, images }, part) => ({
        output: join(datasets, part === 0 ? 'umd-train' : 'umd-val'),
        fingerprint: description.fingerprint,
        images: images.length,
        identities: part === 0 ? 15 : 5,
      })),
      undivided: 0,
      skipped: 0,
    })
    expect(split.describe(result)).toEqual([
      `split ${images} images into two datasets (0 skipped)`,
      `umd-train: ${train!.images.length} images of 15 identities`,
      `umd-val: ${val!.images.length} images of 5 identities`,
    ])
    expect([...gist(train!), ...gist(val!)].sort()).toEqual(gist(whole!).sort())
    const names = [train!.identities.names, val!.identities.names]
    expect(names.flat().sort()).toEqual([...whole!.identities.names].sort())
  })

  it('numbers the identities of each part anew, in their order, and says which they were', async () => {
    await run({ dataset: 'umd', output: 'a', val: 'b', count: 7 })
    for (const { images, identities, description } of await contentsOf('a', 'b')) {
      expect(description).toMatchObject({ dialect: 'insightface', stage: 'split', width: 112 })
      expect(description.sources).toMatchObject([{ kind: 'dataset', name: 'umd' }])
      expect(new Set(images.map(({ label }) => label)).size).toBe(identities.count)
      const former = [...identities.sourceLabels]
      expect(former).toEqual([...former].sort((x, y) => x - y))
      for (const { name, from, path, source } of images) {
        expect(from).toEqual(['umd', name, Number(name!.slice('person'.length))])
        expect([source, path.split('/')[0]]).toEqual(['umd', name])
      }
    }
    expect((await contentOf(join(datasets, 'b'))).description.options).toEqual({
      by: 'identity',
      count: 7,
      seed: 0,
      part: 'second',
    })
  })

  it('of a merged dataset keeps the datasets that its people came from', async () => {
    await runStage(
      merge,
      merge.options.parse({ inputs: ['umd', 'tiny'], datasets, output: 'merged' }),
      localRun(),
    )
    await run({ dataset: 'merged', fraction: 0.5 })
    const parts = await contentsOf('merged-train', 'merged-val')
    for (const { images, description } of parts) {
      expect(description.sources.map(({ name }) => name)).toEqual(['umd', 'tiny'])
      for (const { name, from, source } of images) {
        expect(from.slice(0, 2)).toEqual([source, name])
        expect(source).toBe(name!.startsWith('person') ? 'umd' : 'tiny')
      }
    }
  })

  it('leaves identities without images in the first part', async () => {
    await publishTiny(datasets, 'hollow', { ann: 1, bob: 0, cleo: 1 })
    await run({ dataset: 'hollow', count: 1 })
    const [train, val] = await contentsOf('hollow-train', 'hollow-val')
    expect(train!.identities.names).toContain('bob')
    expect(val!.identities.count).toBe(1)
  })
})

describe('split by image', () => {
  it('divides the images of every identity, and both parts have all labels', async () => {
    const result = await run({ dataset: 'flat', by: 'image', fraction: 0.3, output: 'x', val: 'y' })
    const [train, val, whole] = await contentsOf('x', 'y', 'flat')
    expect([...gist(train!), ...gist(val!)].sort()).toEqual(gist(whole!).sort())
    for (const { identities, description } of [train!, val!]) {
      expect(identities.names).toEqual(whole!.identities.names)
      expect([...identities.sourceLabels]).toEqual([...identities.sourceLabels.keys()])
      expect(description.dialect).toBe('im2rec')
    }
    const alone = Object.values(people).filter((count) => count === 1).length
    expect(val!.images.length).toBe(Math.round(0.3 * (images - alone)))
    for (const count of train!.identities.images) expect(count).toBeGreaterThan(0)
    const undivided = val!.identities.images.filter((count) => count === 0).length
    expect(result.undivided).toBe(undivided)
    expect(undivided).toBeGreaterThanOrEqual(alone)
    expect(split.describe(result).at(-1)).toBe(
      `${undivided} identities have too few images to be divided: they are whole in x`,
    )
  })

  it('keeps the insightface dialect, in which an identity without images has an empty range', async () => {
    await run({ dataset: 'umd', by: 'image', count: 3, output: 'p', val: 'q' })
    const [train, val] = await contentsOf('p', 'q')
    expect([train!.images.length, val!.images.length]).toEqual([images - 3, 3])
    expect(val!.description).toMatchObject({ dialect: 'insightface', identities: 20 })
  })
})

describe('split', () => {
  it('has the same bytes each time, for any number of jobs, and draws others for another seed', async () => {
    await run({ dataset: 'umd', output: 'one', val: 'one-val', seed: 3 })
    await run({ dataset: join(datasets, 'umd'), output: 'four', val: 'four-val', seed: 3 }, { jobs: 4 })
    await run({ dataset: 'umd', output: 'other', val: 'other-val', seed: 4 })
    for (const suffix of ['', '-val']) {
      for (const name of ['train.rec', 'train.lst', 'manifest.arrow', 'identities.arrow']) {
        const read = (output: string) => readFile(join(datasets, `${output}${suffix}`, name))
        expect((await read('four')).equals(await read('one')), name).toBe(true)
        expect((await read('other')).equals(await read('one')), name).toBe(false)
      }
    }
  })

  it('keeps labels after the first, and lists what an index leaves out', async () => {
    const folder = join(datasets, 'foreign')
    await mkdir(folder)
    await writeForeign(
      join(folder, 'train'),
      [2, 0, 1, 0, 2].map((label, key) => ({ key, labels: [label, key / 4], bytes: imageBytes('x', key) })),
    )
    const lines = (await readFile(join(folder, 'train.idx'), 'utf8')).split('\n')
    await writeFile(join(folder, 'train.idx'), lines.slice(0, 4).join('\n'))
    const warnings: string[] = []
    const log = { ...silentLog, warn: (message: string) => void warnings.push(message) }
    const strict = run({ dataset: 'foreign', count: 1 }, { strict: true, log })
    await expect(strict).rejects.toThrow(StrictError)
    expect(await readdir(datasets)).not.toContain('foreign-train')
    expect(warnings).toContain(
      'foreign: no list names 4 of its images in their order: their source path stays empty',
    )
    const result = await run({ dataset: 'foreign', count: 1 })
    expect(result.skipped).toBe(1)
    const parts = await contentsOf('foreign-train', 'foreign-val')
    const extra = parts.flatMap(({ images }) => images.map(({ bytes, extra }) => [bytes, ...extra]))
    expect(extra.sort()).toEqual(
      [0, 1, 2, 3].map((key) => [imageBytes('x', key).toString('hex'), key / 4]).sort(),
    )
    expect(await readFile(join(datasets, 'foreign-train', 'skipped.jsonl'), 'utf8')).toMatch(
      /not in the index/,
    )
  })

  it('of a file by identity whose labels go back is written in the dialect that has no order', async () => {
    const folder = join(datasets, 'mixed')
    await mkdir(folder)
    await writeForeign(join(folder, 'train'), [
      { key: 1, labels: [1], bytes: imageBytes('x', 0) },
      { key: 2, labels: [0], bytes: imageBytes('x', 1) },
      { key: 0, labels: [3, 5] },
      { key: 3, labels: [2, 3] },
      { key: 4, labels: [1, 2] },
    ])
    await run({ dataset: 'mixed', count: 1 })
    for (const { description, images } of await contentsOf('mixed-train', 'mixed-val')) {
      expect([description.dialect, images.length]).toEqual(['im2rec', 1])
    }
  })

  it('refuses options that contradict each other or ask for what is not there', async () => {
    const cases: [Given, RegExp][] = [
      [{ dataset: 'umd', val: 'refused-val', fraction: 0.1, count: 2 }, /--fraction and --count/],
      [{ dataset: 'umd', output: 'same', val: 'same' }, /both parts are/],
      [{ dataset: 'umd', output: 'here', val: join(parent, 'there', 'val') }, /go into one folder/],
      [{ dataset: 'umd', val: 'refused-val', count: 20 }, /can hold 1 to 19/],
      [{ dataset: 'umd', val: 'refused-val', by: 'image', count: 1000 }, /can hold 1 to/],
    ]
    for (const [given, message] of cases) {
      const error = await run({ output: 'refused', ...given }).catch((cause: unknown) => cause)
      expect(error).toBeInstanceOf(UsageError)
      expect((error as UsageError).message).toMatch(message)
    }
    await expect(run({ dataset: 'nowhere' })).rejects.toThrow(InputError)
    expect((await readdir(datasets)).filter((name) => /refused|here|same/.test(name))).toEqual([])
  })

  it('refuses when one of its outputs exists, before any work, and replaces both when told to', async () => {
    await publishTiny(datasets, 'taken-val', { eve: 1 })
    const given = { dataset: 'umd', output: 'taken-train', val: 'taken-val' }
    let written = 0
    const forget = observeWrites(() => written++)
    await expect(run(given)).rejects.toThrow(/taken-val exists/)
    forget()
    expect(written).toBe(0)
    await run(given, { replace: true })
    expect((await contentOf(join(datasets, 'taken-val'))).identities.count).toBe(2)
  })

  it('publishes neither part where writing fails or a signal comes, and both when run again', async () => {
    const given = { dataset: 'umd', output: 'k-train', val: 'k-val' }
    await run({ ...given, seed: 1 })
    const links = async () => Promise.all(['k-train', 'k-val'].map((name) => readlink(join(datasets, name))))
    const before = await links()
    for (const path of ['first/manifest.arrow', 'second/train.rec', 'second/dataset.json']) {
      const forget = observeWrites((event) => {
        if (event.kind === 'write' && event.path.endsWith(path)) throw new Error('disk full')
        if (event.kind === 'rename' && event.to.endsWith(path)) throw new Error('disk full')
      })
      await expect(run({ ...given, seed: 2 }, { replace: true })).rejects.toThrow('disk full')
      forget()
    }
    const signal = AbortSignal.abort(new Error('stopped'))
    await expect(run({ ...given, seed: 2 }, { replace: true, signal })).rejects.toThrow('stopped')
    expect(await links()).toEqual(before)
    await run({ ...given, seed: 2 }, { replace: true })
    const after = await links()
    expect(after[0]).not.toBe(before[0])
    expect(after[1]).not.toBe(before[1])
  })
})

describe.skipIf(oracle('mxnet') === undefined)('MXNet (needs its oracle)', () => {
  it.each(['umd', 'flat'])('reads every record of both parts of %s, by image too', async (dataset) => {
    await run({ dataset, by: 'image', fraction: 0.2, output: `${dataset}-m`, val: `${dataset}-n` })
    for (const name of [`${dataset}-m`, `${dataset}-n`]) {
      const ours = await readOurselves(join(datasets, name))
      expect(ours.images.length).toBeGreaterThan(0)
      expect(await readWithMxnet(join(datasets, name))).toEqual(ours)
    }
  })
})
