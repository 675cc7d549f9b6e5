import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type LocalRun, runStage } from '../../../src/cluster/local.js'
import { readDescription } from '../../../src/dataset/index.js'
import { InputError } from '../../../src/errors/index.js'
import { type MergedDataset, merge } from '../../../src/stages/merge/merge.js'
import { localRun } from '../../cluster/local-run.js'
import { contentOf } from '../../dataset/dataset-content.js'
import { publishTiny } from '../../dataset/make-dataset.js'
import { readOurselves, readWithMxnet } from '../../dataset/mxnet.js'
import { oracle } from '../../oracles/python.js'
import { temporaryFolder } from '../../temporary-folder.js'

/** Merges `umd` and `ms1m` of a datasets folder over what stands there, with the labels of it. */
async function mergeNight(
  datasets: string,
  given: Record<string, unknown> = {},
  settings: Partial<LocalRun> = {},
): Promise<MergedDataset> {
  const options = { inputs: ['umd', 'ms1m'], 'labels-from': 'umd+ms1m', datasets, ...given }
  const run = localRun({ replace: true, ...settings })
  return (await runStage(merge, merge.options.parse(options), run)) as MergedDataset
}

interface Night {
  umd: Record<string, number>
  ms1m: Record<string, number>
}

async function publishNight(datasets: string, { umd, ms1m }: Night, dialect = {}): Promise<void> {
  await publishTiny(datasets, 'umd', umd, dialect)
  await publishTiny(datasets, 'ms1m', ms1m, dialect)
}

/** Label, name and source of each identity that has images, and the images with their paths. */
async function summary(datasets: string) {
  const { images, identities } = await contentOf(join(datasets, 'umd+ms1m'))
  return {
    names: [...identities.names],
    images: images.map(({ key, label, source, path }) => `${key} ${label} ${source} ${path}`),
  }
}

const first: Night = { umd: { bob: 1, eve: 2 }, ms1m: { cleo: 1, dan: 2 } }

describe('merge --labels-from', () => {
  it('keeps labels while people come and go in every input', async () => {
    const datasets = join(temporaryFolder(), 'datasets')
    await publishNight(datasets, first)
    expect((await mergeNight(datasets)).emptyLabels).toEqual([])
    await publishNight(datasets, { umd: { ann: 1, bob: 2, eve: 1 }, ms1m: { aaron: 2, dan: 1 } })
    const result = await mergeNight(datasets)
    expect(result).toMatchObject({ images: 7, identities: 6, emptyLabels: [{ label: 2, name: 'cleo' }] })
    expect(merge.describe(result)).toContain('1 label stays empty: 2 (cleo)')
    expect(await summary(datasets)).toEqual({
      names: ['bob', 'eve', 'cleo', 'dan', 'ann', 'aaron'],
      images: [
        '1 0 umd bob/0.jpg',
        '2 0 umd bob/1.jpg',
        '3 1 umd eve/0.jpg',
        '4 3 ms1m dan/0.jpg',
        '5 4 umd ann/0.jpg',
        '6 5 ms1m aaron/0.jpg',
        '7 5 ms1m aaron/1.jpg',
      ],
    })
    const description = await readDescription(join(datasets, 'umd+ms1m', 'dataset.json'))
    expect(description).toMatchObject({ emptyIdentities: 1, options: { 'labels-from': 'umd+ms1m' } })
    await publishNight(datasets, first)
    await mergeNight(datasets)
    expect((await summary(datasets)).names).toEqual(['bob', 'eve', 'cleo', 'dan', 'ann', 'aaron'])
  })

  it('gives the same labels and images whatever the dialects', async () => {
    const changed = { umd: { ann: 1, bob: 2, eve: 1 }, ms1m: { aaron: 2, dan: 1 } }
    const found = []
    for (const input of ['insightface', 'im2rec'] as const) {
      for (const dialect of ['insightface', 'im2rec'] as const) {
        const datasets = join(temporaryFolder(), 'datasets')
        await publishNight(datasets, first, { dialect: input })
        await mergeNight(datasets, { dialect })
        await publishNight(datasets, changed, { dialect: input })
        await mergeNight(datasets, { dialect })
        const { names, images } = await summary(datasets)
        found.push({ names, images: images.map((image) => image.replace(/^\d+ /, '')).sort() })
      }
    }
    for (const other of found) expect(other).toEqual(found[0])
  })

  it('equals a merge without it while nobody comes or goes, from the first night on', async () => {
    const datasets = join(temporaryFolder(), 'datasets')
    await publishNight(datasets, first)
    const plain = await mergeNight(datasets, { 'labels-from': undefined })
    const another = join(temporaryFolder(), 'datasets')
    await publishNight(another, first)
    const told: string[] = []
    const log = { info: (message: string) => told.push(message), warn() {} }
    const nights = [await mergeNight(another, {}, { log }), await mergeNight(another, {}, { log })]
    expect(nights.map(({ fingerprint }) => fingerprint)).toEqual([plain.fingerprint, plain.fingerprint])
    expect(told).toEqual(['umd+ms1m is not there yet: all labels are new'])
  })

  it('gives the same dataset night after night once labels are out of order', async () => {
    const datasets = join(temporaryFolder(), 'datasets')
    await publishNight(datasets, first)
    await mergeNight(datasets)
    await publishNight(datasets, { umd: { ann: 1, bob: 1 }, ms1m: { dan: 2 } })
    const { fingerprint } = await mergeNight(datasets)
    expect((await mergeNight(datasets)).fingerprint).toBe(fingerprint)
  })

  it('tells people of one name apart by the dataset that they come from', async () => {
    const datasets = join(temporaryFolder(), 'datasets')
    await publishNight(datasets, { umd: { ann: 1, bob: 1 }, ms1m: { ann: 2 } })
    await mergeNight(datasets)
    await publishNight(datasets, { umd: { bob: 1 }, ms1m: { aaron: 1, ann: 2 } })
    expect((await mergeNight(datasets)).emptyLabels).toEqual([{ label: 0, name: 'ann' }])
    expect((await summary(datasets)).images).toEqual([
      '1 1 umd bob/0.jpg',
      '2 2 ms1m ann/0.jpg',
      '3 2 ms1m ann/1.jpg',
      '4 3 ms1m aaron/0.jpg',
    ])
    await publishNight(datasets, { umd: { ann: 1, bob: 1 }, ms1m: { ann: 2 } })
    expect((await mergeNight(datasets)).emptyLabels).toEqual([{ label: 3, name: 'aaron' }])
    await publishTiny(datasets, 'lfw', { ann: 1 })
    await publishTiny(datasets, 'vgg', { ann: 1 })
    const ambiguous = mergeNight(datasets, { inputs: ['lfw', 'vgg'], output: 'others' })
    await expect(ambiguous).rejects.toThrow(InputError)
    await expect(ambiguous).rejects.toThrow(
      /which "ann" keeps which label cannot be told.*labels 0 \(from umd\), 2 \(from ms1m\) there.*from lfw, one from vgg/,
    )
  })

  it('gives a label to one person alone where the name of the dataset and that of its folder name two', async () => {
    const datasets = join(temporaryFolder(), 'datasets')
    // Packed from a folder that is called like the other dataset.
    await publishTiny(datasets, 'umd', { ann: 1 })
    await publishTiny(datasets, 'photos', { ann: 1 })
    const options = { inputs: ['umd', 'photos'], 'labels-from': 'umd', output: 'both', datasets }
    await expect(runStage(merge, merge.options.parse(options), localRun())).rejects.toThrow(
      /which "ann" keeps which label cannot be told.*labels 0 \(from photos\) there, and here one from umd, one from photos/,
    )
  })

  it('begins with the labels of one of its inputs', async () => {
    const datasets = join(temporaryFolder(), 'datasets')
    await publishNight(datasets, { umd: { ann: 1, bob: 1 }, ms1m: { ann: 1, bob: 1, cleo: 1 } })
    await mergeNight(datasets, { inputs: ['ms1m', 'umd'], output: 'umd+ms1m', 'labels-from': 'umd' })
    expect((await summary(datasets)).images).toEqual([
      '1 0 umd ann/0.jpg',
      '2 1 umd bob/0.jpg',
      '3 2 ms1m ann/0.jpg',
      '4 3 ms1m bob/0.jpg',
      '5 4 ms1m cleo/0.jpg',
    ])
  })

  it('refuses labels that changed between plan and work', async () => {
    const datasets = join(temporaryFolder(), 'datasets')
    await publishNight(datasets, first)
    await publishTiny(datasets, 'old', { bob: 1, ann: 1 })
    const options = merge.options.parse({ inputs: ['umd', 'ms1m'], 'labels-from': 'old', datasets })
    const { shards, fingerprint } = await merge.plan(options, 1)
    const changed = { ...shards[0]!, previous: { ...shards[0]!.previous!, fingerprint: '0'.repeat(16) } }
    const context = { ...localRun(), scratch: temporaryFolder() }
    await expect(merge.work(changed, context)).rejects.toThrow(/changed after the work was planned/)
    await publishTiny(datasets, 'old', { bob: 1, dan: 1 })
    expect((await merge.plan(options, 1)).fingerprint).not.toBe(fingerprint)
  })

  it('is an input of its step, except where it is what the step writes', async () => {
    const options = { inputs: ['umd', 'ms1m'], datasets: '/data' }
    const paths = async (labelsFrom: string) =>
      (await merge.inputs(merge.options.parse({ ...options, 'labels-from': labelsFrom }))).map(
        ({ path }) => path,
      )
    expect(await paths('umd+ms1m')).toEqual(['/data/umd', '/data/ms1m'])
    expect(await paths('old')).toEqual(['/data/umd', '/data/ms1m', '/data/old'])
  })

  it.skipIf(oracle('mxnet') === undefined)(
    'is read by MXNet, empty labels and all (needs its oracle)',
    async () => {
      const datasets = join(temporaryFolder(), 'datasets')
      await publishNight(datasets, first)
      await mergeNight(datasets)
      await publishNight(datasets, { umd: { ann: 1, eve: 1 }, ms1m: { aaron: 2, cleo: 1 } })
      await mergeNight(datasets)
      const ours = await readOurselves(join(datasets, 'umd+ms1m'))
      expect(ours.ranges).toEqual({ 6: [1, 1], 7: [1, 2], 8: [2, 3], 9: [3, 3], 10: [3, 4], 11: [4, 6] })
      expect(await readWithMxnet(join(datasets, 'umd+ms1m'))).toEqual(ours)
    },
  )
})
