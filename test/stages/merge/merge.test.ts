import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type LocalRun, runStage } from '../../../src/cluster/local.js'
import { Dataset, describedImages } from '../../../src/dataset/index.js'
import { InputError, StrictError, UsageError } from '../../../src/errors/index.js'
import { observeWrites } from '../../../src/io/index.js'
import { silentLog } from '../../../src/progress/progress.js'
import { type MergedDataset, merge } from '../../../src/stages/merge/merge.js'
import { localRun } from '../../cluster/local-run.js'
import { contentOf } from '../../dataset/dataset-content.js'
import { imageBytes, publishTiny, writeForeign } from '../../dataset/make-dataset.js'
import { readOurselves, readWithMxnet } from '../../dataset/mxnet.js'
import { testData } from '../../oracles/data.js'
import { oracle } from '../../oracles/python.js'
import { temporaryFolder } from '../../temporary-folder.js'

const parent = temporaryFolder()
const datasets = join(parent, 'datasets')

interface Given {
  inputs: string[]
  output?: string
  datasets?: string
  dialect?: string
}

async function run(given: Given, settings: Partial<LocalRun> = {}): Promise<MergedDataset> {
  const options = merge.options.parse({ datasets, ...given })
  return (await runStage(merge, options, localRun({ jobs: 2, ...settings }))) as MergedDataset
}

await publishTiny(datasets, 'umd', { ann: 2, bob: 0, cleo: 1 })
await publishTiny(
  datasets,
  'ms1m',
  { ann: 1, dan: 3 },
  { dialect: 'im2rec', sources: [{ kind: 'folder', name: 'raw' }] },
)
await mkdir(join(datasets, 'foreign'))
await writeForeign(join(datasets, 'foreign', 'train'), [
  { key: 0, labels: [1, 0.5], bytes: imageBytes('x', 0) },
  { key: 1, labels: [0, 0.25], bytes: imageBytes('x', 1) },
  { key: 2, labels: [1, 0.75], bytes: imageBytes('x', 2) },
])
await writeFile(join(datasets, 'foreign', 'property'), '2,112,112')

describe('merge', () => {
  it('needs no output: its name is the inputs joined by +', async () => {
    const result = await run({ inputs: ['umd', 'ms1m'] })
    expect(result).toEqual({
      kind: 'dataset',
      output: join(datasets, 'umd+ms1m'),
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      images: 7,
      identities: 5,
      skipped: 0,
      emptyLabels: [{ label: 1, name: 'bob' }],
      inputs: [
        { name: 'umd', images: 3, identities: 3 },
        { name: 'ms1m', images: 4, identities: 2 },
      ],
    })
    expect(result.output).toBe(join(datasets, 'umd+ms1m'))
    expect(merge.describe(result)[0]).toBe('merged 2 datasets: 7 images of 5 identities (0 skipped)')
    expect(await readdir(join(datasets, 'umd+ms1m'))).toContain('manifest.arrow')
  })

  it('gives every identity of every input a label of its own, and keeps where it came from', async () => {
    await run({ inputs: ['umd', 'ms1m'], output: 'union' })
    const { images, identities, description } = await contentOf(join(datasets, 'union'))
    const expected = [
      ['ann', 0, 'umd', 0, 2],
      ['cleo', 2, 'umd', 2, 1],
      ['ann', 3, 'ms1m', 0, 1],
      ['dan', 4, 'ms1m', 1, 3],
    ] as const
    expect(images).toEqual(
      expected
        .flatMap(([name, label, source, sourceLabel, count]) =>
          Array.from({ length: count }, (_, i) => ({
            label,
            name,
            from: [source, name, sourceLabel],
            source,
            path: `${name}/${i}.jpg`,
            extra: [],
            bytes: imageBytes(name, i).toString('hex'),
          })),
        )
        .map((image, i) => ({ key: i + 1, ...image })),
    )
    expect([...identities.images]).toEqual([2, 0, 1, 1, 3])
    expect(identities.names).toEqual(['ann', 'bob', 'cleo', 'ann', 'dan'])
    expect(await readFile(join(datasets, 'union', 'property'), 'utf8')).toBe('5,112,112\n')
    expect(description).toMatchObject({ name: 'union', stage: 'merge', emptyIdentities: 1 })
    expect(description.sources).toMatchObject([
      { kind: 'dataset', name: 'umd', sources: [{ kind: 'folder', name: 'photos', licence: 'CC0' }] },
      { kind: 'dataset', name: 'ms1m', sources: [{ kind: 'folder', name: 'raw' }] },
    ])
  })

  it('of a merged dataset keeps the datasets that it was made from', async () => {
    await run({ inputs: ['umd', 'ms1m'], output: 'inner' })
    await run({ inputs: ['foreign', 'inner'], output: 'outer' })
    const { images, description } = await contentOf(join(datasets, 'outer'))
    expect(description.sources.map(({ name }) => name)).toEqual(['foreign', 'umd', 'ms1m'])
    expect(images.at(-1)).toMatchObject({ name: 'dan', label: 6, from: ['ms1m', 'dan', 1], source: 'ms1m' })
    expect(images[0]).toMatchObject({
      name: undefined,
      label: 0,
      from: ['foreign', undefined, 0],
      source: 'foreign',
    })
  })

  it('groups what is not grouped, and keeps the labels after the first', async () => {
    await run({ inputs: ['umd', 'foreign'], output: 'grouped' })
    const { images } = await contentOf(join(datasets, 'grouped'))
    expect(images.slice(3).map(({ label, extra, bytes }) => [label, ...extra, bytes])).toEqual([
      [3, 0.25, imageBytes('x', 1).toString('hex')],
      [4, 0.5, imageBytes('x', 0).toString('hex')],
      [4, 0.75, imageBytes('x', 2).toString('hex')],
    ])
  })

  it('in the im2rec dialect keeps the order of each input', async () => {
    await run({ inputs: ['foreign', 'umd'], output: 'ordered', dialect: 'im2rec' })
    const { images, description } = await contentOf(join(datasets, 'ordered'))
    expect(description.dialect).toBe('im2rec')
    expect(images.map(({ key, label }) => [key, label])).toEqual([
      [0, 1],
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 2],
      [5, 4],
    ])
  })

  it('is the same, byte for byte, each time and by name or path', async () => {
    await run({ inputs: ['umd', 'ms1m'], output: 'same' })
    const elsewhere = join(parent, 'elsewhere')
    await run(
      { inputs: [join(datasets, 'umd'), join(datasets, 'ms1m')], datasets: elsewhere, output: 'same' },
      { jobs: 1 },
    )
    for (const name of await readdir(join(datasets, 'same'))) {
      const again = await readFile(join(elsewhere, 'same', name))
      expect(again, name).toEqual(await readFile(join(datasets, 'same', name)))
    }
  })

  it('warns of records that an index leaves out, and of images whose path no list tells', async () => {
    const partial = join(datasets, 'partial')
    await mkdir(partial)
    await writeForeign(join(partial, 'train'), [
      { key: 0, labels: [0], bytes: imageBytes('x', 3) },
      { key: 1, labels: [0], bytes: imageBytes('x', 4) },
    ])
    await writeFile(join(partial, 'train.idx'), '0\t0\n')
    await writeFile(join(partial, 'property'), '1,112,112')
    const warnings: string[] = []
    const log = { ...silentLog, warn: (message: string) => void warnings.push(message) }
    const strict = run({ inputs: ['umd', 'partial'], output: 'strict' }, { strict: true })
    await expect(strict).rejects.toThrow(StrictError)
    expect(await readdir(datasets)).not.toContain('strict')
    const result = await run({ inputs: ['umd', 'partial'], output: 'warned' }, { log })
    expect(result).toMatchObject({ images: 4, skipped: 1 })
    expect(merge.describe(result)[0]).toMatch(/\(1 skipped\)$/)
    expect(await readFile(join(datasets, 'warned', 'skipped.jsonl'), 'utf8')).toMatch(
      /"source":"partial".*offset \d+ is not in the index/,
    )
    expect(warnings).toEqual([
      'partial: no list names 1 of its images in their order: their source path stays empty',
      'partial: 1 records that its index does not name are left out',
      '1 label stays empty: 1 (bob)',
    ])
  })

  it('reports every image as progress', async () => {
    let total = 0
    let advanced = 0
    const progress = {
      start: (_: string, images: number) => void (total = images),
      advance: (count: number) => void (advanced += count),
      finish() {},
    }
    await run({ inputs: ['umd', 'ms1m'], output: 'progress' }, { progress })
    expect([total, advanced]).toEqual([7, 7])
  })
})

describe('merge is refused, and writes nothing,', () => {
  const refusal = async (given: Given, settings?: Partial<LocalRun>) => {
    const before = (await readdir(datasets)).sort()
    const error = await run(given, settings).catch((cause: unknown) => cause)
    expect((await readdir(datasets)).sort()).toEqual(before)
    return error
  }

  it('with fewer than two inputs', () => {
    expect(merge.options.safeParse({ inputs: ['umd'] }).error?.issues[0]?.message).toContain('two datasets')
  })

  it('of images of different sizes, naming both', async () => {
    await publishTiny(datasets, 'small', { eve: 1 }, { height: 96, width: 80 })
    const error = (await refusal({ inputs: ['umd', 'small'] })) as InputError
    expect(error).toBeInstanceOf(InputError)
    expect(error.message).toMatch(/umd.*112x112.*80x96 in small/)
  })

  it('of a dataset that is not there, is empty, or cannot be read', async () => {
    await mkdir(join(datasets, 'empty'))
    await mkdir(join(datasets, 'broken'))
    await writeForeign(join(datasets, 'empty', 'train'), [])
    await writeFile(join(datasets, 'broken', 'train.rec'), 'not a record file')
    for (const name of ['missing', 'empty', 'broken']) {
      const error = await refusal({ inputs: ['umd', name] })
      expect(error).toBeInstanceOf(InputError)
      expect((error as InputError).message).toContain(name)
    }
  })

  it('of the same dataset twice: by name and path, by a link, as a copy, or inside a merged one', async () => {
    await symlink('umd', join(datasets, 'linked'))
    await cp(join(datasets, 'umd'), join(datasets, 'copied'), { recursive: true, dereference: true })
    await cp(join(datasets, 'foreign'), join(datasets, 'foreign-copy'), { recursive: true })
    await run({ inputs: ['umd', 'foreign'], output: 'holds-umd' })
    const pairs = [
      ['umd', 'umd'],
      ['umd', join(datasets, 'umd')],
      ['umd', join(datasets, 'umd', 'train.rec')],
      ['umd', 'linked'],
      ['umd', 'copied'],
      ['foreign', 'foreign-copy'],
      ['holds-umd', 'umd'],
      ['foreign', 'holds-umd'],
    ]
    for (const inputs of pairs) {
      const error = await refusal({ inputs, output: 'twice' })
      expect(error, inputs.join(' ')).toBeInstanceOf(UsageError)
      expect((error as UsageError).message).toContain('the same')
    }
  })

  it('over an output that exists, before anything is copied', async () => {
    await publishTiny(datasets, 'taken', { eve: 1 })
    let written = 0
    const forget = observeWrites(() => written++)
    const options = { inputs: ['umd', 'ms1m'], output: 'taken' }
    const error = await run(options).catch((cause: unknown) => cause)
    forget()
    expect(error).toBeInstanceOf(UsageError)
    expect(written).toBe(0)
    await run(options, { replace: true })
    expect((await contentOf(join(datasets, 'taken'))).images.length).toBe(7)
  })

  it('of a layout by identity whose labels go back, naming the record and the other dialect', async () => {
    const mixed = join(datasets, 'mixed')
    await mkdir(mixed)
    await writeForeign(join(mixed, 'train'), [
      { key: 1, labels: [1], bytes: imageBytes('x', 0) },
      { key: 2, labels: [0], bytes: imageBytes('x', 1) },
      { key: 0, labels: [3, 5] },
      { key: 3, labels: [2, 3] },
      { key: 4, labels: [1, 2] },
    ])
    await writeFile(join(mixed, 'property'), '2,112,112')
    const error = (await refusal({ inputs: ['umd', 'mixed'] })) as InputError
    expect(error).toBeInstanceOf(InputError)
    expect(error.fault).toMatchObject({ record: 2, actual: 0, fix: 'Merge with --dialect im2rec.' })
    await run({ inputs: ['umd', 'mixed'], dialect: 'im2rec' })
    expect((await contentOf(join(datasets, 'umd+mixed'))).images.at(-1)).toMatchObject({ key: 4, label: 3 })
  })

  it('where an input changed after the plan', async () => {
    await publishTiny(datasets, 'changing', { eve: 1 })
    const options = merge.options.parse({ inputs: ['umd', 'changing'], datasets })
    const plan = await merge.plan(options, 1)
    await publishTiny(datasets, 'changing', { eve: 2 })
    const work = merge.work(plan.shards[0]!, { ...localRun(), scratch: join(datasets, '.scratch') })
    await expect(work).rejects.toThrow(/changed after the work was planned/)
  })

  it('where an image of an input was damaged, naming its record; the old output stays', async () => {
    await publishTiny(datasets, 'old', { eve: 1 })
    await cp(join(datasets, 'ms1m'), join(datasets, 'damaged'), { recursive: true, dereference: true })
    const path = join(datasets, 'damaged', 'train.rec')
    const bytes = await readFile(path)
    bytes[bytes.length - 6]! ^= 1
    await writeFile(path, bytes)
    const error = await run({ inputs: ['umd', 'damaged'], output: 'old' }, { replace: true }).catch(
      (cause: unknown) => cause,
    )
    expect(error).toBeInstanceOf(InputError)
    expect((error as InputError).fault).toMatchObject({ file: expect.stringContaining('damaged'), record: 3 })
    expect((await contentOf(join(datasets, 'old'))).images.length).toBe(1)
  })

  it('where writing fails or a signal stops it; the old output stays', async () => {
    await publishTiny(datasets, 'kept', { eve: 1 })
    const options = { inputs: ['umd', 'ms1m'], output: 'kept' }
    const forget = observeWrites((event) => {
      if (event.kind === 'sync' && event.path.endsWith('manifest.arrow')) throw new Error('disk full')
    })
    await expect(run(options, { replace: true })).rejects.toThrow('disk full')
    forget()
    const signal = AbortSignal.abort(new Error('stopped'))
    await expect(run(options, { replace: true, signal })).rejects.toThrow('stopped')
    expect((await contentOf(join(datasets, 'kept'))).images.length).toBe(1)
  })
})

describe.skipIf(oracle('mxnet') === undefined)('MXNet (needs its oracle)', () => {
  it.each(['insightface', 'im2rec'])(
    'reads every record of a merged dataset in the %s dialect',
    async (dialect) => {
      await run({ inputs: ['umd', 'foreign', 'ms1m'], output: `mx-${dialect}`, dialect })
      const folder = join(datasets, `mx-${dialect}`)
      const ours = await readOurselves(folder)
      expect(ours.images.length).toBe(10)
      expect(await readWithMxnet(folder)).toEqual(ours)
    },
  )
})

describe.skipIf(testData() === undefined)('real datasets of other tools (needs ../shared/data)', () => {
  const golden = join(testData() ?? '', 'golden')

  it('merge with identical image bytes, named and traced', async () => {
    const inputs = ['insightface_kzval', 'wild_adaface', 'wild_im2rec'].map((name) => join(golden, name))
    await run({ inputs, output: 'golden' })
    const { images, identities } = await contentOf(join(datasets, 'golden'))
    expect([images.length, identities.count]).toEqual([466, 52])
    const hexOf = new Map<string, string>()
    for (const input of inputs) {
      const dataset = await Dataset.open(input)
      for await (const { path, bytes } of describedImages(dataset)) {
        hexOf.set(`${dataset.name} ${path}`, Buffer.from(bytes).toString('hex'))
      }
      await dataset.close()
    }
    expect(hexOf.size).toBe(466)
    for (const { source, path, name, from, bytes } of images) {
      expect(bytes).toBe(hexOf.get(`${source} ${path}`))
      expect(path.split('/').at(-2)).toBe(name)
      expect(from.slice(0, 2)).toEqual([source, name])
    }
  })

  it.skipIf(oracle('mxnet') === undefined)('and MXNet reads them (needs its oracle)', async () => {
    await rm(join(datasets, 'celeb'), { recursive: true, force: true })
    const inputs = ['im2rec_celeb5_q95', 'im2rec_celeb5_pass'].map((name) => join(golden, name))
    await run({ inputs, output: 'celeb' })
    const folder = join(datasets, 'celeb')
    const ours = await readOurselves(folder)
    expect(ours.images.length).toBe(176)
    expect(await readWithMxnet(folder)).toEqual(ours)
  })
})
