import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type LocalRun, runStage } from '../../../src/cluster/local.js'
import { UsageError } from '../../../src/errors/index.js'
import { clean } from '../../../src/stages/clean/clean.js'
import { type MergedDataset, merge } from '../../../src/stages/merge/merge.js'
import { localRun } from '../../cluster/local-run.js'
import { contentOf } from '../../dataset/dataset-content.js'
import { publishTiny } from '../../dataset/make-dataset.js'
import { writePoolingModel } from '../../embeddings/pooling-model.js'
import { temporaryFolder } from '../../temporary-folder.js'
import { type TinyDataset, writeTinyBin, writeTinyDataset } from '../../training/tiny-dataset.js'

const datasets = temporaryFolder()
const model = join(datasets, 'model.onnx')
const photos: TinyDataset = { identities: 8, imagesEach: 4, size: 32 }

await writePoolingModel(model, photos.size)
await writeTinyDataset(join(datasets, 'train'), photos)
await writeTinyDataset(join(datasets, 'more'), { ...photos, first: 6, identities: 4 })
await writeTinyBin(join(datasets, 'test.bin'), { ...photos, identities: 3 }, 12)
await writeTinyDataset(join(datasets, 'people'), {
  ...photos,
  first: 5,
  identities: 9,
  imagesEach: 2,
  seed: 1,
})

function cleaned(given: Record<string, unknown>, settings: Partial<LocalRun> = {}) {
  const options = clean.options.parse({ dataset: 'train', datasets, ...given })
  return runStage(clean, options, localRun(settings))
}

function merged(given: Record<string, unknown>) {
  const options = merge.options.parse({ inputs: ['train', 'more'], datasets, ...given })
  return runStage(merge, options, localRun())
}

const namesOf = async (name: string) => (await contentOf(join(datasets, name))).identities.names

describe('--exclude', () => {
  it('of a bin with other photos of the same people needs a model, and then finds them and nobody else', async () => {
    const without = await cleaned({ output: 'a', exclude: ['test.bin'] })
    expect(without).toMatchObject({ images: 32, identities: 8, leaving: { people: 0, images: 0 } })
    const result = await cleaned({ output: 'b', exclude: ['test.bin'], model })
    expect(result).toMatchObject({ images: 20, identities: 5, leaving: { people: 3, images: 12 } })
    expect(result.leaving!.excluded!.map(({ name }) => name)).toEqual([
      'identity-0',
      'identity-1',
      'identity-2',
    ])
    expect(result.leaving!.excluded![0]).toMatchObject({ source: 'test', cosine: expect.closeTo(1, 1) })
    expect(await namesOf('b')).toEqual(['identity-3', 'identity-4', 'identity-5', 'identity-6', 'identity-7'])
    const skipped = (await readFile(join(datasets, 'b', 'skipped.jsonl'), 'utf8')).trim().split('\n')
    expect(skipped).toHaveLength(12)
    expect(JSON.parse(skipped[0]!)).toMatchObject({
      path: 'identity-0/0.jpg',
      reason: expect.stringMatching(/^excluded: cosine (1\.00|0\.9\d) to image \d+ of test/),
    })
    expect(clean.describe(result)).toContain(
      'excluded: 0 by byte-identical images, 3 by embeddings: identity-0, identity-1, identity-2',
    )
  })

  it('finds byte-identical images without a model', async () => {
    // The same seed gives the same photos: 5 to 7 are in both.
    const result = await cleaned({ output: 'c', exclude: ['people'] })
    expect(result.leaving!.excluded!.map(({ name, cosine }) => [name, cosine])).toEqual([
      ['identity-5', undefined],
      ['identity-6', undefined],
      ['identity-7', undefined],
    ])
  })

  it('takes the people of a dataset by their centres', async () => {
    await writeTinyDataset(join(datasets, 'others'), { ...photos, first: 5, identities: 9, imagesEach: 9 })
    await runStage(
      clean,
      clean.options.parse({ dataset: 'others', datasets, output: 'none-known', exclude: ['train'] }),
      localRun(),
    )
    const result = await cleaned({ output: 'd', exclude: ['others', 'test.bin'], model })
    expect(await namesOf('d')).toEqual(['identity-3', 'identity-4'])
    expect(result.leaving).toMatchObject({ people: 6, images: 24 })
  })

  it('takes nobody at a threshold that no photo reaches', async () => {
    const result = await cleaned({ output: 'e', exclude: ['test.bin'], model, 'exclude-threshold': 1 })
    expect(result.leaving).toMatchObject({ people: 0, excluded: [] })
  })

  it('in a merge leaves every input, and labels stay without gaps', async () => {
    const result = await merged({ output: 'f', exclude: ['people'] })
    expect(result).toMatchObject({ images: 20, identities: 5, skipped: 28, leaving: { people: 7 } })
    const { identities, images } = await contentOf(join(datasets, 'f'))
    expect(identities.names).toEqual(['identity-0', 'identity-1', 'identity-2', 'identity-3', 'identity-4'])
    expect(images.map(({ label }) => label)).toEqual(Array.from({ length: 20 }, (_, i) => Math.floor(i / 4)))
    expect(merge.describe(result)).toContain('people who leave: 7, with 28 images')
  })

  it('in a merge without order does the same', async () => {
    await merged({ output: 'g', exclude: ['people'], dialect: 'im2rec' })
    expect(await namesOf('g')).toEqual(await namesOf('f'))
  })

  it('is said to be missing where a model is given for it', async () => {
    const error = await merged({ output: 'h', model }).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(UsageError)
  })
})

describe('merge --remove', () => {
  it('leaves people out of every input; a label that is kept for them is nameless', async () => {
    await publishTiny(datasets, 'umd', { ann: 2, bob: 1, cleo: 1 })
    await publishTiny(datasets, 'ms1m', { bob: 2, dan: 3 })
    const inputs = ['umd', 'ms1m']
    await merged({ inputs, output: 'all' })
    const names = join(datasets, 'names.txt')
    await writeFile(names, 'bob\nann\n')
    const given = { inputs, remove: names, 'labels-from': 'all' }
    const result = (await merged({ ...given, output: 'less' })) as MergedDataset
    expect(result).toMatchObject({ images: 4, identities: 5, leaving: { people: 3, images: 5 } })
    const { identities, images } = await contentOf(join(datasets, 'less'))
    expect(identities.names).toEqual([undefined, undefined, 'cleo', undefined, 'dan'])
    expect(images.map(({ label, path }) => `${label} ${path}`)).toEqual([
      '2 cleo/0.jpg',
      '4 dan/0.jpg',
      '4 dan/1.jpg',
      '4 dan/2.jpg',
    ])
    const rebuild = result.leaving!.removal!.rebuild.map(({ path, people }) => [
      path.split('/').at(-1),
      people,
    ])
    expect(rebuild).toEqual([
      ['test.bin', undefined],
      ['all', 3],
      ['ms1m', 1],
      ['umd', 2],
    ])
  })
})

describe('clean with a model', () => {
  it('finds the wrong photos of an identity, and copies of one photo by their embeddings too', async () => {
    const { bytes } = await firstImage('more')
    await writeTinyDataset(join(datasets, 'noisy'), {
      ...photos,
      identities: 3,
      imagesEach: 6,
      replacement: { image: 4, bytes },
    })
    const result = await cleaned({ dataset: 'noisy', model, rules: 'outlier,two-people,byte-identical' })
    expect(result).toMatchObject({ found: { outlier: 3, 'two-people': 0, 'byte-identical': 2 }, images: 15 })
    const { images } = await contentOf(join(datasets, 'noisy-clean'))
    expect(images.some(({ path }) => path.endsWith('/4.jpg'))).toBe(false)
  })
})

async function firstImage(name: string): Promise<{ bytes: Uint8Array }> {
  const { images } = await contentOf(join(datasets, name))
  return { bytes: Buffer.from(images[0]!.bytes, 'hex') }
}
