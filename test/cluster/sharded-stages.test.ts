import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LANDMARK_HEADER, landmarkLine } from '../../src/alignment/index.js'
import { runStage } from '../../src/cluster/local.js'
import { type ClusterPlan, planFolder, shardPath } from '../../src/cluster/plan-file.js'
import { UsageError } from '../../src/errors/index.js'
import { encodeJpeg } from '../../src/image/index.js'
import { loadStage } from '../../src/stages/registry.js'
import { renderFace } from '../../src/synthesis/index.js'
import { facePhoto } from '../alignment/face-photo.js'
import { publishTiny, writeForeign } from '../dataset/make-dataset.js'
import { writePoolingModel } from '../embeddings/pooling-model.js'
import { facedata } from '../faults/command-line.js'
import { temporaryFolder } from '../temporary-folder.js'
import { tinyImage, writeTinyDataset } from '../training/tiny-dataset.js'
import { contentBelow, planOf, runInShards } from './in-shards.js'
import { localRun } from './local-run.js'

const folder = temporaryFolder()
const datasets = join(folder, 'datasets')
const model = join(folder, 'pooling.onnx')
const tiny = { identities: 5, imagesEach: 9, size: 16 }
await mkdir(datasets)
await writePoolingModel(model, 16)
await writeTinyDataset(join(datasets, 'first'), tiny)
await writeTinyDataset(join(datasets, 'second'), { ...tiny, first: 3, imagesEach: 7 })

await mkdir(join(datasets, 'foreign'))
await writeForeign(
  join(datasets, 'foreign', 'train'),
  Array.from({ length: 17 }, (_, key) => {
    return { key, labels: [key % 3], bytes: encodeJpeg(tinyImage(tiny, key % 3, key), 90) }
  }),
)
// One image that the list does not name: those behind it have no path, however the work is cut.
const listed = Array.from({ length: 17 }, (_, key) => `${key}\t${key % 3}\tp/${key}.jpg\n`)
await writeFile(join(datasets, 'foreign', 'train.lst'), listed.filter((_, key) => key !== 11).join(''))

const photos = join(folder, 'photos')
for (let i = 0; i < 45; i++) {
  const path = join(photos, `P${i % 4}`, `${i}.jpg`)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, i === 7 ? 'no image' : encodeJpeg(tinyImage({ ...tiny, size: 24 }, i % 4, i), 90))
}
const raw = join(folder, 'raw')
const lines: string[] = []
for (let i = 0; i < 9; i++) {
  const place = { a: 1.2, b: 0.05 * (i % 3), dx: 20, dy: 30 + i }
  const { photo, landmarks } = facePhoto(renderFace(5, i % 3, i), place, 240)
  const path = `P${i % 3}/${i}.jpg`
  await mkdir(dirname(join(raw, path)), { recursive: true })
  await writeFile(join(raw, path), encodeJpeg(photo, 95))
  if (i !== 4) lines.push(landmarkLine(path, { score: 1, landmarks }))
}
await writeFile(join(folder, 'landmarks.tsv'), `${LANDMARK_HEADER}\n${lines.join('')}`)

const photos16 = join(folder, 'photos16')

/** One embeddings folder for each run, so that none finds what another computed. */
const embeddings = (output: string) => [`${output}.embeddings`]

/** Of every stage that can be cut: its options for an output. */
const cases: [string, string, (output: string) => Record<string, unknown>][] = [
  ['pack', 'photos with one that is no image', (output) => ({ inputs: [photos], output, size: 16 })],
  ['pack', 'shuffled', (output) => ({ inputs: [photos], output, size: 16, shuffle: true, seed: 3 })],
  ['align', 'by landmarks', (output) => ({ folder: raw, output, landmarks: join(folder, 'landmarks.tsv') })],
  [
    'embed',
    'a dataset',
    (output) => ({ model, input: 'first', output, datasets, embeddings: embeddings(output) }),
  ],
  [
    'embed',
    'a dataset of another tool',
    (output) => ({ model, input: 'foreign', output, datasets, embeddings: embeddings(output) }),
  ],
  [
    'embed',
    'a folder in which no photo fits but one',
    (output) => ({ model, input: photos16, output, datasets, embeddings: embeddings(output) }),
  ],
  [
    'clean',
    'with a model',
    (output) => ({
      dataset: 'first',
      output,
      datasets,
      model,
      rules: 'outlier,near-duplicate',
      outlier: 0.5,
      embeddings: embeddings(output),
    }),
  ],
  [
    'clean',
    'by named rules, without a model',
    (output) => ({ dataset: 'first', output, datasets, rules: 'dark,byte-identical', dark: 110 }),
  ],
  ['merge', 'disjoint', (output) => ({ inputs: ['first', 'second'], output, datasets })],
  [
    'merge',
    'by embedding',
    (output) => ({
      inputs: ['first', 'second'],
      output,
      datasets,
      identities: 'by-embedding',
      model,
      threshold: 0.9,
      embeddings: embeddings(output),
    }),
  ],
  [
    'merge',
    'one of another tool',
    (output) => ({ inputs: ['first', 'foreign'], output, datasets, dialect: 'im2rec' }),
  ],
  ['bins', 'drawn', (output) => ({ from: 'first', 'pairs-per-fold': 8, folds: 2, output, datasets })],
  ['synth', 'faces', (output) => ({ output, identities: 9, images: 1, seed: 2 })],
]

await mkdir(join(photos16, 'ann'), { recursive: true })
for (let i = 0; i < 10; i++) {
  const size = i === 6 ? 16 : 20
  await writeFile(join(photos16, `ann/${i}.jpg`), encodeJpeg(tinyImage({ ...tiny, size }, 0, i), 90))
}

async function sizesOf(plan: ClusterPlan): Promise<number[]> {
  const sizes: number[] = []
  for (const shard of plan.shards.keys()) {
    sizes.push((await readFile(shardPath(planFolder(plan), shard))).length)
  }
  return sizes
}

describe.each(cases)('%s %s', (name, _what, options) => {
  it('gives the same bytes from any number of shards as from none', async () => {
    // Each shard of a stage with a model opens it: variants of one stage are cut in one way.
    const isVariant = cases.find(([other]) => other === name)![2] !== options
    const stage = await loadStage(name)
    // Their name is part of some outputs: each run writes under the same one, in a folder of its own.
    const output = (run: string) =>
      join(folder, `${run}-${cases.findIndex(([, , of]) => of === options)}`, 'out')
    await mkdir(dirname(output('whole')), { recursive: true })
    await runStage(stage, stage.options.parse(options(output('whole'))), localRun())
    const whole = contentBelow(output('whole'))
    expect(Object.keys(whole).length).toBeGreaterThan(0)
    for (const shards of isVariant ? [4] : [1, 3, 8]) {
      const path = join(folder, 'plan.json')
      const { plan } = await runInShards(stage, options(output(String(shards))), { path, shards })
      expect(plan.shards).toHaveLength(shards)
      expect(contentBelow(output(String(shards)))).toEqual(whole)
      expect(existsSync(planFolder(plan))).toBe(false)
      const siblings = readdirSync(dirname(output(String(shards)))).filter((file) =>
        file.startsWith('.scratch'),
      )
      expect(siblings).toEqual([])
      await rm(path)
    }
  })
})

describe('shards', () => {
  it('are of nearly one size, and as many as asked, however small they are', async () => {
    const pack = await loadStage('pack')
    const path = join(folder, 'balanced.json')
    const plan = await planOf(
      pack,
      { inputs: [photos], output: join(folder, 'balanced') },
      { path, shards: 8 },
    )
    const counts: number[] = []
    for (const shard of plan.shards.keys()) {
      const stored = JSON.parse(await readFile(shardPath(planFolder(plan), shard), 'utf8'))
      const files = stored.shard.folders.map((some: { files: number }) => some.files)
      counts.push(files.reduce((a: number, b: number) => a + b, 0))
    }
    expect(counts.reduce((a, b) => a + b)).toBe(45)
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
    expect((await sizesOf(plan)).every((size, shard) => size === plan.shards[shard]!.bytes)).toBe(true)
  })

  it('are fewer where there is less to cut, with a warning', async () => {
    const warned: string[] = []
    const bins = await loadStage('bins')
    const options = {
      from: 'first',
      'pairs-per-fold': 2,
      folds: 2,
      output: join(folder, 'few.bin'),
      datasets,
    }
    const path = join(folder, 'few.json')
    const run = { path, shards: 20, log: { info() {}, warn: (message: string) => warned.push(message) } }
    const { length } = (await planOf(bins, options, run)).shards
    expect(length).toBe(8)
    expect(warned).toEqual(['there is work for 8 shards only, of 20 that were asked for'])
  })

  it('are refused for a stage that is one piece of work', async () => {
    const shuffle = await loadStage('shuffle')
    const options = { dataset: 'first', output: join(folder, 'shuffled'), datasets }
    const planned = planOf(shuffle, options, { path: join(folder, 'no.json'), shards: 2 })
    await expect(planned).rejects.toThrow(UsageError)
    await expect(planned).rejects.toThrow('one piece of work')
  })
})

describe('verify', () => {
  const damaged = join(datasets, 'damaged')
  const report = (name: string) => join(folder, `${name}.json`)

  it.each(['first', 'damaged', 'foreign'])(
    'reports of %s what it reports without shards',
    async (dataset) => {
      if (dataset === 'damaged') {
        await writeTinyDataset(damaged, {
          ...tiny,
          replacement: { image: 2, bytes: Buffer.from('no image') },
        })
        const records = join(damaged, 'train.rec')
        const bytes = await readFile(records)
        bytes[bytes.length >> 1]! ^= 0xff
        bytes.fill(0, 9000, 9100)
        await writeFile(records, bytes)
      }
      const stage = await loadStage('verify')
      for (const decode of dataset === 'damaged' ? [true, false] : [true]) {
        const words = ['verify', dataset, '--datasets', datasets, '--json', '--jobs', '1']
        const whole = await facedata(decode ? [...words, '--decode'] : words)
        for (const shards of [1, 3, 8]) {
          const path = join(folder, `verify-${shards}.json`)
          const output = report(`${dataset}-${decode}-${shards}`)
          const { plan, result } = await runInShards(
            stage,
            { dataset, datasets, decode, output },
            { path, shards },
          )
          expect(plan.shards).toHaveLength(shards)
          expect(await readFile(output, 'utf8')).toBe(whole.stdout)
          expect(stage.verdict!(result) === undefined).toBe(whole.code === 0)
        }
      }
    },
  )

  it('asks for an index where there is none to cut by', async () => {
    const dataset = await publishTiny(datasets, 'without-index', { ann: 3 })
    await rm(join(dataset, 'train.idx'))
    const planned = planOf(
      await loadStage('verify'),
      { dataset, output: report('without') },
      { path: join(folder, 'without-index.json'), shards: 2 },
    )
    await expect(planned).rejects.toThrow('facedata reindex')
  })
})
