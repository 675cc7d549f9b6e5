import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type LocalRun, runStage } from '../../../src/cluster/local.js'
import { Dataset } from '../../../src/dataset/index.js'
import { InputError, StrictError, UsageError } from '../../../src/errors/index.js'
import { encodeJpeg } from '../../../src/image/index.js'
import { observeWrites } from '../../../src/io/index.js'
import { silentLog } from '../../../src/progress/progress.js'
import { pack } from '../../../src/stages/pack/pack.js'
import { shuffle } from '../../../src/stages/shuffle/shuffle.js'
import { renderFace } from '../../../src/synthesis/index.js'
import { localRun } from '../../cluster/local-run.js'
import { contentOf } from '../../dataset/dataset-content.js'
import { imageBytes, publishTiny, writeForeign } from '../../dataset/make-dataset.js'
import { readOurselves, readWithMxnet } from '../../dataset/mxnet.js'
import { oracle } from '../../oracles/python.js'
import { temporaryFolder } from '../../temporary-folder.js'

const parent = temporaryFolder()
const datasets = join(parent, 'datasets')

function run(given: { dataset: string; output?: string; seed?: number }, settings: Partial<LocalRun> = {}) {
  return runStage(shuffle, shuffle.options.parse({ datasets, ...given }), localRun(settings))
}

await publishTiny(datasets, 'umd', { ann: 7, bob: 0, cleo: 12, dan: 1 })

describe('shuffle', () => {
  it('writes every image once, in another order, in the im2rec dialect, under a name of its own', async () => {
    const result = await run({ dataset: 'umd' })
    expect(result).toEqual({
      output: join(datasets, 'umd-shuffled'),
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      images: 20,
      identities: 4,
      skipped: 0,
    })
    expect(shuffle.describe(result)).toEqual(['shuffled 20 images of 4 identities (0 skipped)'])
    const before = await contentOf(join(datasets, 'umd'))
    const after = await contentOf(result.output)
    expect(after.description).toMatchObject({ dialect: 'im2rec', stage: 'shuffle', options: { seed: 0 } })
    expect(after.images.map(({ key }) => key)).toEqual(Array.from({ length: 20 }, (_, key) => key))
    const unkeyed = (images: typeof after.images) =>
      images.map(({ label, name, path, bytes }) => `${label} ${name} ${path} ${bytes}`)
    expect(unkeyed(after.images)).not.toEqual(unkeyed(before.images))
    expect(unkeyed(after.images).sort()).toEqual(unkeyed(before.images).sort())
    expect([...after.identities.images]).toEqual([7, 0, 12, 1])
  })

  it('keeps where images and identities came from', async () => {
    await run({ dataset: 'umd', output: 'once' })
    await run({ dataset: 'once', output: 'twice' })
    const { images, description } = await contentOf(join(datasets, 'twice'))
    expect(description.sources).toMatchObject([
      { kind: 'dataset', name: 'umd', sources: [{ kind: 'folder', name: 'photos', licence: 'CC0' }] },
    ])
    for (const { name, label, from, source, path } of images) {
      expect(from).toEqual(['umd', name, label])
      expect([source, path.split('/')[0]]).toEqual(['umd', name])
    }
  })

  it('has the same bytes each time, for any number of jobs, and others for another seed', async () => {
    const read = async (output: string) => readFile(join(datasets, output, 'train.rec'))
    await run({ dataset: 'umd', output: 'one', seed: 5 })
    await run({ dataset: 'umd', output: 'four', seed: 5 }, { jobs: 4 })
    await run({ dataset: 'umd', output: 'other', seed: 6 })
    expect((await read('four')).equals(await read('one'))).toBe(true)
    expect((await read('other')).equals(await read('one'))).toBe(false)
  })

  it('has the order of pack --shuffle with the same seed', async () => {
    for (let identity = 0; identity < 3; identity++) {
      const folder = join(parent, 'photos', `person${identity}`)
      await mkdir(folder, { recursive: true })
      for (let i = 0; i < 4; i++) {
        await writeFile(join(folder, `${i}.jpg`), encodeJpeg(renderFace(1, identity, i), 95))
      }
    }
    const packed = (options: object) =>
      runStage(
        pack,
        pack.options.parse({ inputs: [join(parent, 'photos')], datasets, ...options }),
        localRun(),
      )
    await packed({ output: 'plain' })
    await packed({ output: 'packed', shuffle: true, seed: 9 })
    await run({ dataset: 'plain', output: 'shuffled', seed: 9 })
    for (const name of ['train.rec', 'train.idx', 'train.lst', 'property']) {
      const ours = await readFile(join(datasets, 'shuffled', name))
      expect(ours.equals(await readFile(join(datasets, 'packed', name))), name).toBe(true)
    }
  })

  it('keeps the labels after the first of a dataset of another tool, and lists what its index leaves out', async () => {
    const folder = join(datasets, 'foreign')
    await mkdir(folder)
    await writeForeign(join(folder, 'train'), [
      { key: 3, labels: [1, 0.5], bytes: imageBytes('x', 0) },
      { key: 7, labels: [0, 0.25], bytes: imageBytes('x', 1) },
      { key: 9, labels: [0, 0.75], bytes: imageBytes('x', 2) },
    ])
    const index = (await readFile(join(folder, 'train.idx'), 'utf8')).split('\n')
    await writeFile(join(folder, 'train.idx'), `${index[0]}\n${index[1]}\n`)
    const warnings: string[] = []
    const log = { ...silentLog, warn: (message: string) => void warnings.push(message) }
    await expect(run({ dataset: 'foreign' }, { strict: true, log })).rejects.toThrow(StrictError)
    expect(await readdir(datasets)).not.toContain('foreign-shuffled')
    expect(warnings).toContain(
      'foreign: no list names 2 of its images in their order: their source path stays empty',
    )
    const result = await run({ dataset: 'foreign' })
    expect(result).toMatchObject({ images: 2, skipped: 1 })
    const { images } = await contentOf(result.output)
    expect(images.map(({ label, extra }) => [label, ...extra]).sort()).toEqual([
      [0, 0.25],
      [1, 0.5],
    ])
    expect(await readFile(join(result.output, 'skipped.jsonl'), 'utf8')).toMatch(
      /offset \d+ is not in the index/,
    )
  })

  it('tells of every image, once while reading and once while writing', async () => {
    const phases: [string, number][] = []
    const progress = {
      start: (phase: string) => void phases.push([phase, 0]),
      advance: (count: number) => void (phases.at(-1)![1] += count),
      finish() {},
    }
    await run({ dataset: 'umd', output: 'told' }, { progress })
    expect(phases).toEqual([
      ['reading', 20],
      ['shuffling', 20],
    ])
  })
})

describe('shuffle publishes nothing, and leaves the old output,', () => {
  it('over an output that exists, unless told to', async () => {
    await publishTiny(datasets, 'taken', { eve: 1 })
    await expect(run({ dataset: 'umd', output: 'taken' })).rejects.toThrow(UsageError)
    await run({ dataset: 'umd', output: 'taken' }, { replace: true })
    expect((await contentOf(join(datasets, 'taken'))).images.length).toBe(20)
  })

  it('where an image was damaged, naming its record', async () => {
    const folder = await publishTiny(datasets, 'damaged', { ann: 3 })
    const path = join(folder, 'train.rec')
    const bytes = await readFile(path)
    bytes[8 + 24]! ^= 1
    await writeFile(path, bytes)
    const error = await run({ dataset: 'damaged' }).catch((cause: unknown) => cause)
    expect((error as InputError).fault).toMatchObject({ file: expect.stringContaining('damaged'), record: 1 })
    expect(await readdir(datasets)).not.toContain('damaged-shuffled')
  })

  it('where there is no such dataset', async () => {
    await expect(run({ dataset: 'nowhere' })).rejects.toThrow(InputError)
  })

  it.each(['buckets', 'train.rec', 'manifest.arrow'])(
    'where writing fails at %s or a signal comes',
    async (name) => {
      await publishTiny(datasets, 'kept', { eve: 1 })
      const forget = observeWrites((event) => {
        if (event.kind === 'write' && event.path.includes(name)) throw new Error('disk full')
      })
      await expect(run({ dataset: 'umd', output: 'kept' }, { replace: true })).rejects.toThrow('disk full')
      forget()
      const signal = AbortSignal.abort(new Error('stopped'))
      await expect(run({ dataset: 'umd', output: 'kept' }, { replace: true, signal })).rejects.toThrow(
        'stopped',
      )
      expect((await contentOf(join(datasets, 'kept'))).images.length).toBe(1)
      const scratch = await readdir(join(datasets, '.scratch'), { recursive: true }).catch(() => [])
      expect(scratch.filter((entry) => entry.includes('buckets'))).toEqual([])
    },
  )
})

describe.skipIf(oracle('mxnet') === undefined)('MXNet (needs its oracle)', () => {
  it('reads every record of a shuffled dataset', async () => {
    const { output } = await run({ dataset: 'umd', output: 'mxnet' })
    const ours = await readOurselves(output)
    expect(ours.images.length).toBe(20)
    expect(await readWithMxnet(output)).toEqual(ours)
    const dataset = await Dataset.open(output)
    expect(dataset.dialect).toBe('im2rec')
    await dataset.close()
  })
})
