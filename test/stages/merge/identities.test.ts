import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type LocalRun, runStage } from '../../../src/cluster/local.js'
import { parseCsv } from '../../../src/csv/index.js'
import { Dataset } from '../../../src/dataset/index.js'
import { InputError, UsageError } from '../../../src/errors/index.js'
import { type MergedDataset, type MergeResult, merge } from '../../../src/stages/merge/merge.js'
import { pack } from '../../../src/stages/pack/pack.js'
import { localRun } from '../../cluster/local-run.js'
import { contentOf } from '../../dataset/dataset-content.js'
import { publishTiny } from '../../dataset/make-dataset.js'
import { writePoolingModel } from '../../embeddings/pooling-model.js'
import { testData } from '../../oracles/data.js'
import { temporaryFolder } from '../../temporary-folder.js'
import { writeTinyDataset } from '../../training/tiny-dataset.js'

const folder = temporaryFolder()
const datasets = join(folder, 'datasets')
const model = join(folder, 'pooling.onnx')

function run(given: Record<string, unknown>, settings: Partial<LocalRun> = {}): Promise<MergeResult> {
  return runStage(merge, merge.options.parse({ datasets, ...given }), localRun(settings))
}

/** Name of each label, and how many images of which dataset and name it has. */
async function peopleOf(output: string) {
  const { images, identities } = await contentOf(join(datasets, output))
  return identities.names.map((name, label) => {
    const own = images.filter((image) => image.label === label)
    return [name, [...new Set(own.map(({ source }) => source))], own.length]
  })
}

async function joinedOf(output: string) {
  const dataset = await Dataset.open(join(datasets, output))
  try {
    return (await dataset.identities()).joined.map((joined) => joined ?? [])
  } finally {
    await dataset.close()
  }
}

await publishTiny(datasets, 'umd', { Ann_Lee: 2, bob: 1, cleo: 1 })
await publishTiny(datasets, 'ms1m', { zoe: 1, 'ann lee': 3, cleo: 1 })
await writePoolingModel(model, 16)
const tiny = { imagesEach: 3, size: 16 }
await writeTinyDataset(join(datasets, 'a'), { ...tiny, identities: 8 })
await writeTinyDataset(join(datasets, 'b'), { ...tiny, identities: 8, first: 6, imagesEach: 4 })

describe('merge --identities by-name', () => {
  it('gives people of one name one label, and keeps where each came from', async () => {
    const result = await run({ inputs: ['umd', 'ms1m'], output: 'named', identities: 'by-name' })
    expect(result).toMatchObject({
      images: 9,
      identities: 4,
      skipped: 0,
      matches: { across: { merge: 2, drop: 0, keep: 0 }, within: { merge: 0, drop: 0, keep: 0 } },
    })
    expect(merge.describe(result)).toContain('pairs across datasets: 2 merge, 0 drop, 0 keep')
    expect(await peopleOf('named')).toEqual([
      ['Ann_Lee', ['umd', 'ms1m'], 5],
      ['bob', ['umd'], 1],
      ['cleo', ['umd', 'ms1m'], 2],
      ['zoe', ['ms1m'], 1],
    ])
    expect(await joinedOf('named')).toEqual([
      [{ source: 1, name: 'ann lee', label: 1 }],
      [],
      [{ source: 1, name: 'cleo', label: 2 }],
      [],
    ])
  })

  it('keeps that lineage through further merges', async () => {
    await run({ inputs: ['umd', 'ms1m'], output: 'inner', identities: 'by-name' })
    await publishTiny(datasets, 'third', { 'ANN-LEE': 1 })
    await run({ inputs: ['third', 'inner'], output: 'outer', identities: 'by-name' })
    expect((await joinedOf('outer'))[0]).toEqual([
      { source: 1, name: 'Ann_Lee', label: 0 },
      { source: 2, name: 'ann lee', label: 1 },
    ])
    expect((await peopleOf('outer'))[0]).toEqual(['ANN-LEE', ['third', 'umd', 'ms1m'], 6])
  })

  it('leaves the later one out with drop, image by image in skipped.jsonl; keeps both with keep', async () => {
    const options = { inputs: ['umd', 'ms1m'], identities: 'by-name' }
    const dropped = await run({ ...options, output: 'dropped', 'on-match': 'drop' })
    expect(dropped).toMatchObject({ images: 5, identities: 4, skipped: 4 })
    const lines = (await readFile(join(datasets, 'dropped', 'skipped.jsonl'), 'utf8')).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line)).slice(0, 1)).toEqual([
      { source: 'ms1m', path: 'ann lee/0.jpg', reason: 'the same person as "Ann_Lee" of umd (key 2)' },
    ])
    expect((await peopleOf('dropped')).map(([name, , images]) => [name, images])).toEqual([
      ['Ann_Lee', 2],
      ['bob', 1],
      ['cleo', 1],
      ['zoe', 1],
    ])
    const kept = await run({ ...options, output: 'kept', 'on-match': 'keep' })
    expect(kept).toMatchObject({ images: 9, identities: 6, skipped: 0, matches: { across: { keep: 2 } } })
  })

  it('keeps labels of an earlier dataset', async () => {
    const options = { inputs: ['ms1m', 'umd'], identities: 'by-name', 'labels-from': 'umd' }
    await run({ ...options, output: 'night' })
    expect((await peopleOf('night')).map(([name, , images]) => [name, images])).toEqual([
      ['Ann_Lee', 0],
      ['bob', 1],
      ['cleo', 2],
      ['zoe', 1],
      ['ann lee', 5],
    ])
  })
})

describe('merge --identities by-embedding', () => {
  const given = { inputs: ['a', 'b'], identities: 'by-embedding', model }

  it('finds the people that two datasets share', async () => {
    const result = (await run({ ...given, output: 'alike' })) as MergedDataset
    expect(result).toMatchObject({ identities: 14, images: 8 * 3 + 8 * 4 })
    const people = await peopleOf('alike')
    expect(people.filter(([, , images]) => images === 7)).toEqual([
      ['identity-6', ['tiny'], 7],
      ['identity-7', ['tiny'], 7],
    ])
    const again = (await run({ ...given, output: 'alike' }, { replace: true, jobs: 3 })) as MergedDataset
    expect(again.fingerprint).toBe(result.fingerprint)
  })

  it('in a dry run writes a review, which is edited and given back', async () => {
    const review = await run({ ...given, output: 'reviewed', 'dry-run': true })
    if (review.kind !== 'review') throw new Error('no review was written')
    expect(review.matches.across.merge).toBe(2)
    const text = await readFile(review.csv, 'utf8')
    const [header, ...rows] = parseCsv(text, review.csv)
    expect(header!.fields.slice(0, 3)).toEqual(['action', 'score', 'reason'])
    expect(rows.filter(({ fields }) => fields[0] === 'merge')).toHaveLength(2)
    await expect(run({ ...given, output: 'reviewed', 'dry-run': true })).rejects.toThrow(UsageError)
    await writeFile(review.csv, text.replace(/^merge(.*,identity-7,.*)$/m, 'keep$1'))
    await run({ inputs: ['a', 'b'], output: 'reviewed', identities: review.csv })
    const shared = (await peopleOf('reviewed')).filter(([, , images]) => images === 7)
    expect(shared).toEqual([['identity-6', ['tiny'], 7]])
  })

  it('shows both sides on a page that needs nothing beside it and takes no name for markup', async () => {
    await writeTinyDataset(join(datasets, '<i>c'), { ...tiny, identities: 2 })
    const review = await run({ ...given, inputs: ['a', '<i>c'], output: 'page', 'dry-run': true })
    if (review.kind !== 'review') throw new Error('no review was written')
    const page = await readFile(review.html, 'utf8')
    expect(page.match(/<tr><td class="merge">/g)).toHaveLength(2)
    expect(page.match(/src="data:image\/jpeg;base64,/g)!.length).toBeGreaterThanOrEqual(2 * 6)
    expect(page).not.toMatch(/(src|href)="(?!data:)/)
    expect(page).not.toContain('<i>')
  })

  it('says in words which options do not fit', async () => {
    const options = { inputs: ['a', 'b'] }
    const refused = async (given: Record<string, unknown>, words: RegExp) => {
      const error = await run({ ...options, output: 'none', ...given }).catch((cause: unknown) => cause)
      expect(error).toBeInstanceOf(UsageError)
      expect((error as Error).message).toMatch(words)
    }
    await refused({ identities: 'by-embedding' }, /needs --model/)
    await refused({ identities: 'by-face' }, /by-name, by-embedding or a file MAP.csv/)
    await refused({ 'on-match': 'drop' }, /--on-match has no effect without --identities/)
    await refused({ identities: 'by-name', threshold: 0.5 }, /--threshold has no effect/)
  })
})

describe('merge --identities MAP.csv', () => {
  const map = join(folder, 'map.csv')
  const mapped = async (text: string, output: string) => {
    await writeFile(map, text)
    return run({ inputs: ['umd', 'ms1m'], output, identities: map, 'on-match': 'drop' })
  }

  it('takes names or labels, and an action in each row or that of --on-match', async () => {
    await mapped(
      'a_dataset,a_name,b_dataset,b_name,b_label,action\numd,bob,ms1m,zoe,,merge\nms1m,cleo,umd,,2,\n',
      'mapped',
    )
    expect((await peopleOf('mapped')).map(([name, sources, images]) => [name, sources, images])).toEqual([
      ['Ann_Lee', ['umd'], 2],
      ['bob', ['umd', 'ms1m'], 2],
      ['cleo', ['umd'], 1],
      ['ann lee', ['ms1m'], 3],
    ])
  })

  it('refuses rows that name nobody, with the line', async () => {
    const header = 'a_dataset,a_name,b_dataset,b_name,b_label,action\n'
    const refused = async (row: string, words: RegExp) => {
      const error = await mapped(header + row, 'refused').catch((cause: unknown) => cause)
      expect(error).toBeInstanceOf(InputError)
      expect((error as InputError).fault.line).toBe(2)
      expect((error as Error).message).toMatch(words)
    }
    await refused('umd,nobody,ms1m,zoe,,merge\n', /none is named "nobody"/)
    await refused('umd,bob,other,zoe,,merge\n', /umd, ms1m.*other/)
    await refused('umd,bob,ms1m,zoe,1,merge\n', /label 1 is "ann lee"/)
    await refused('umd,bob,ms1m,,9,merge\n', /0 to 2/)
    await refused('umd,bob,ms1m,zoe,,join\n', /merge, drop, keep/)
    await refused('umd,bob,umd,bob,,merge\n', /the same identity twice/)
  })
})

describe.skipIf(testData() === undefined)('real photos (need ../shared/data)', () => {
  const photos = (path: string) => join(testData()!, path)
  const namesIn = (path: string) => readdirSync(photos(path))
  const plain = (name: string) => name.toLowerCase()

  /** Packs some people of a folder. */
  async function packSome(path: string, output: string, names: string[]): Promise<void> {
    for (const name of names) {
      mkdirSync(join(folder, output, name), { recursive: true })
      for (const file of readdirSync(photos(join(path, name)))) {
        symlinkSync(photos(join(path, name, file)), join(folder, output, name, file))
      }
    }
    const inputs = [join(folder, output)]
    await runStage(pack, pack.options.parse({ inputs, output, datasets }), localRun({ jobs: 2 }))
  }

  it('share the people whose names are equal when case is ignored, and nobody else', async () => {
    const [celebrities, others] = [namesIn('celeb5/aligned'), namesIn('kz/images')]
    const known = new Set([...celebrities, ...others].map(plain))
    const lfw = namesIn('lfw').filter((name, i) => known.has(plain(name)) || i % 40 === 0)
    const shared = new Set(namesIn('lfw').map(plain))
    const some = others.filter((name, i) => shared.has(plain(name)) || i < 2)
    await packSome('celeb5/aligned', 'celeb5', celebrities)
    await packSome('kz/images', 'kz', some)
    await packSome('lfw', 'lfw', lfw)
    const options = { inputs: ['celeb5', 'kz', 'lfw'], output: 'real', identities: 'by-embedding' }
    const review = await run(
      { ...options, model: photos('models/mobilefacenet_192.onnx'), 'dry-run': true },
      { jobs: 2 },
    )
    if (review.kind !== 'review') throw new Error('no review was written')
    const [header, ...rows] = parseCsv(await readFile(review.csv, 'utf8'), review.csv)
    const column = (name: string) => header!.fields.indexOf(name)
    const merged = rows.map(({ fields }) => fields).filter((fields) => fields[column('action')] === 'merge')
    const pairs = merged.map((fields) => ['a_name', 'b_name'].map((name) => plain(fields[column(name)]!)))
    expect(pairs.filter(([a, b]) => a !== b)).toHaveLength(0)
    const datasetsOf = merged.map((fields) => `${fields[column('a_dataset')]} ${fields[column('b_dataset')]}`)
    expect(datasetsOf.sort()).toEqual(['celeb5 lfw', 'celeb5 lfw', 'kz lfw'])
  }, 600_000)
})
