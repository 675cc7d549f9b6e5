import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { CleanItem, MatchItem, Overview, PeoplePage, PhotoPage } from '../../src/browser/api.js'
import { type Browsing, browse } from '../../src/browser/browse.js'
import { runStage } from '../../src/cluster/local.js'
import { Dataset } from '../../src/dataset/index.js'
import { InputError, UsageError } from '../../src/errors/index.js'
import { hashToHex, xxh64 } from '../../src/hash/xxh64.js'
import { observeWrites } from '../../src/io/index.js'
import { clean } from '../../src/stages/clean/clean.js'
import { merge } from '../../src/stages/merge/merge.js'
import { localRun } from '../cluster/local-run.js'
import { publishTiny } from '../dataset/make-dataset.js'
import { foreignFolder } from '../repairs/foreign-folder.js'
import { temporaryFolder } from '../temporary-folder.js'
import { asker } from './ask.js'
import { faceJpeg, publishFaces } from './face-dataset.js'

const datasets = temporaryFolder()
const browsings: Browsing[] = []
afterEach(async () => {
  for (const browsing of browsings.splice(0)) await browsing.close()
})

async function reviewing(names: string[], ...reviews: string[]) {
  const browsing = await browse(names, { datasets, reviews })
  browsings.push(browsing)
  return { ...asker(browsing.url), answers: browsing.answers }
}

async function namesOf(name: string): Promise<(string | undefined)[]> {
  const dataset = await Dataset.open(join(datasets, name))
  try {
    return await dataset.identityNames()
  } finally {
    await dataset.close()
  }
}

await publishTiny(datasets, 'a', { ann: 2, bob: 1, cleo: 1 })
await publishTiny(datasets, 'b', { Ann: 3, BOB: 1, Cleo: 2, dan: 1 })
const matching = { inputs: ['a', 'b'], output: 'ab', identities: 'by-name', 'dry-run': true, datasets }
await runStage(merge, merge.options.parse(matching), localRun())
const matches = join(datasets, 'ab.matches.csv')
const answersFile = join(datasets, 'ab.matches.answers.csv')
const header = 'action,score,reason,a_dataset,a_label,a_name,a_images,b_dataset,b_label,b_name,b_images'

describe('a review of matches', () => {
  afterEach(() => rm(answersFile, { force: true }))

  it('shows two people side by side, also of a dataset that was not named', async () => {
    const { json, answers } = await reviewing(['a'], matches)
    expect(answers).toEqual([answersFile])
    const { datasets: found, reviews } = await json<Overview>('/api/overview')
    expect(found.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(reviews).toMatchObject([
      { kind: 'matches', name: 'ab', answers: answersFile, progress: { total: 3, answered: 0 }, next: 0 },
    ])
    expect(reviews[0]!.command).toMatch(/^facedata merge a b --identities .*ab\.matches\.answers\.csv$/)
    expect(await json<MatchItem>('/api/reviews/0/1')).toMatchObject({
      kind: 'matches',
      index: 1,
      next: 2,
      suggested: 'merge',
      reason: 'one name',
      sides: [
        { dataset: 0, datasetName: 'a', label: 1, name: 'bob', images: 1, photos: [2] },
        { dataset: 1, datasetName: 'b', label: 1, name: 'BOB', images: 1, photos: [3] },
      ],
    })
  })

  it('writes each answer at once, and takes it back', async () => {
    const { post } = await reviewing(['a', 'b'], matches)
    const text = () => readFile(answersFile, 'utf8')
    const first = await post('/api/reviews/0/1', { answer: 'merge' })
    expect(JSON.parse(first.text)).toEqual({
      next: 2,
      progress: { total: 3, answered: 1, counts: { merge: 1 } },
    })
    const bob = 'merge,,one name,a,1,bob,1,b,1,BOB,1\n'
    expect(await text()).toBe(`${header}\n${bob}`)
    await post('/api/reviews/0/0', { answer: 'keep' })
    expect(await text()).toBe(`${header}\nkeep,,one name,a,0,ann,2,b,0,Ann,3\n${bob}`)
    await post('/api/reviews/0/0', { answer: null })
    expect(await text()).toBe(`${header}\n${bob}`)
    await post('/api/reviews/0/1', { answer: null })
    expect(await text()).toBe(`${header}\n`)
  })

  it('gives merge its map: what was answered is done, and nothing else', async () => {
    const { post } = await reviewing(['a', 'b'], matches)
    await post('/api/reviews/0/0', { answer: 'keep' })
    await post('/api/reviews/0/1', { answer: 'merge' })
    const options = { inputs: ['a', 'b'], output: 'answered', identities: answersFile, datasets }
    const result = await runStage(merge, merge.options.parse(options), localRun())
    expect(result).toMatchObject({ matches: { across: { merge: 1, keep: 1, drop: 0 } } })
    expect(await namesOf('answered')).toEqual(['ann', 'bob', 'cleo', 'Ann', 'Cleo', 'dan'])
  })

  it('goes on where it was left, with answers to cases that it does not list any more', async () => {
    const stranger = 'keep,,one name,a,0,ann,2,b,3,dan,1\n'
    await writeFile(answersFile, `${header}\nmerge,,one name,a,0,ann,2,b,0,Ann,3\n${stranger}`)
    const { json, post } = await reviewing(['a', 'b'], matches)
    const { reviews } = await json<Overview>('/api/overview')
    expect(reviews).toMatchObject([{ others: 1, next: 1, progress: { answered: 1 } }])
    expect(await json('/api/reviews/0/0')).toMatchObject({ answer: 'merge', next: 1 })
    await post('/api/reviews/0/2', { answer: 'drop' })
    expect(await readFile(answersFile, 'utf8')).toBe(
      `${header}\nmerge,,one name,a,0,ann,2,b,0,Ann,3\ndrop,,one name,a,2,cleo,1,b,2,Cleo,2\n${stranger}`,
    )
    await post('/api/reviews/0/1', { answer: 'keep' })
    expect(await json('/api/reviews/0/1')).toMatchObject({ next: -1 })
  })

  it('does not undo what another program wrote', async () => {
    const { post, json } = await reviewing(['a', 'b'], matches)
    await post('/api/reviews/0/0', { answer: 'merge' })
    await writeFile(answersFile, `${header}\n`)
    const refused = await post('/api/reviews/0/1', { answer: 'merge' })
    expect([refused.status, JSON.parse(refused.text).error]).toEqual([
      422,
      expect.stringContaining('another program changed the answers'),
    ])
    expect(await readFile(answersFile, 'utf8')).toBe(`${header}\n`)
    expect(await json('/api/reviews/0/1')).not.toHaveProperty('answer')
  })

  it('keeps what stood there where an answer cannot be written, and says so', async () => {
    const { post, json } = await reviewing(['a', 'b'], matches)
    await post('/api/reviews/0/0', { answer: 'merge' })
    const before = await readFile(answersFile, 'utf8')
    const stop = observeWrites(({ kind }) => {
      if (kind === 'rename') throw new InputError({ problem: 'no space' })
    })
    const failed = await post('/api/reviews/0/1', { answer: 'merge' })
    stop()
    expect(failed.status).toBeGreaterThanOrEqual(400)
    expect(await readFile(answersFile, 'utf8')).toBe(before)
    expect(await json('/api/reviews/0/1')).not.toHaveProperty('answer')
    expect((await post('/api/reviews/0/1', { answer: 'merge' })).status).toBe(200)
  })

  it('writes to its own file alone, whatever is sent', async () => {
    const { post } = await reviewing(['a', 'b'], matches)
    const written = new Set<string>()
    const stop = observeWrites(({ path }) => written.add(path))
    const refused: [string, unknown][] = [
      ['/api/reviews/0/0', { answer: '../../etc/passwd' }],
      ['/api/reviews/0/0', { answer: 'merge', path: '/tmp/elsewhere.csv' }],
      ['/api/reviews/0/0', { answer: 7 }],
      ['/api/reviews/0/0', ['merge']],
      ['/api/reviews/0/0', { answer: 'x'.repeat(10_000) }],
      ['/api/reviews/0/3', { answer: 'merge' }],
      ['/api/reviews/1/0', { answer: 'merge' }],
      ['/api/datasets/0/people', { answer: 'merge' }],
    ]
    for (const [path, body] of refused) {
      const { status } = await post(path, body)
      expect([400, 404, 405], `${path} ${JSON.stringify(body).slice(0, 60)}`).toContain(status)
    }
    expect([...written]).toEqual([])
    await post('/api/reviews/0/0', { answer: 'merge' })
    stop()
    const names = [...written].filter((path) => path !== datasets)
    expect(names.every((path) => path.startsWith(join(datasets, '.ab.matches.answers.csv.')))).toBe(true)
  })

  it('is refused in words where it is not of these datasets', async () => {
    const wrong = join(datasets, 'wrong.csv')
    const line = (text: string) => writeFile(wrong, `${header}\n${text}\n`)
    await line('merge,,x,a,0,zoe,2,b,0,Ann,3')
    await expect(browse(['a', 'b'], { datasets, reviews: [wrong] })).rejects.toThrow(
      /wrong\.csv: line 2: the row is of another a: expected label 0 is "ann", found "zoe"/,
    )
    await line('merge,,x,a,0,ann,2,nowhere,0,Ann,3')
    await expect(browse(['a'], { datasets, reviews: [wrong] })).rejects.toThrow('there is no such dataset')
    await line('merge,,x,a,0,ann,2,b,0,Ann,3\nkeep,,x,a,0,ann,2,b,0,Ann,3')
    await expect(browse(['a'], { datasets, reviews: [wrong] })).rejects.toThrow('about the same as line 2')
    await writeFile(wrong, 'name,age\nann,3\n')
    await expect(browse(['a'], { datasets, reviews: [wrong] })).rejects.toThrow('is no review')
    await writeFile(answersFile, `${header}\nperhaps,,one name,a,0,ann,2,b,0,Ann,3\n`)
    await expect(browse(['a'], { datasets, reviews: [matches] })).rejects.toThrow(InputError)
    await expect(browse(['a'], { datasets, reviews: [answersFile] })).rejects.toThrow(UsageError)
    await rm(answersFile)
    await expect(browse(['a'], { datasets, reviews: [matches, matches] })).rejects.toThrow(UsageError)
  })

  it('takes a map that a person wrote, without actions', async () => {
    const own = join(datasets, 'own.csv')
    await writeFile(own, 'a_dataset,a_name,b_dataset,b_name\na,ann,b,dan\n')
    const { post, json } = await reviewing(['a', 'b'], own)
    expect(await json('/api/reviews/0/0')).toMatchObject({ suggested: 'merge', reason: '' })
    await post('/api/reviews/0/0', { answer: 'merge' })
    expect(await readFile(join(datasets, 'own.answers.csv'), 'utf8')).toBe(
      'action,a_dataset,a_name,b_dataset,b_name\nmerge,a,ann,b,dan\n',
    )
  })
})

describe('a review of what clean found', async () => {
  await publishFaces(datasets, 'faces', [
    { name: 'ann', identity: 0, images: 2 },
    { name: 'bob', identity: 1, images: 2, first: faceJpeg(0, 1) },
    { name: 'cleo', identity: 2, images: 2, first: faceJpeg(2, 1) },
    { name: 'dan', identity: 3, images: 1 },
  ])
  const report = join(datasets, 'found')
  const options = { dataset: 'faces', datasets, 'dry-run': true, report, rules: 'byte-identical' }
  await runStage(clean, clean.options.parse(options), localRun())
  const answers = `${report}.answers.csv`
  afterEach(() => rm(answers, { force: true }))

  it('shows an image beside the one that it is like', async () => {
    const { json, answers: files } = await reviewing(['faces'], report)
    expect(files).toEqual([answers])
    const item = await json<CleanItem>('/api/reviews/0/0')
    expect(item).toMatchObject({
      kind: 'clean',
      rule: 'byte-identical',
      suggested: 'drop',
      photo: { key: 3, label: 1, path: 'bob/0.jpg', findings: [{ rule: 'byte-identical' }] },
      like: { photo: { key: 2, path: 'ann/1.jpg' }, name: 'ann' },
      person: { label: 1, name: 'bob', photos: [3] },
    })
  })

  it('gives people and photos the order by noise', async () => {
    const { json } = await reviewing(['faces'], report)
    const { rows } = await json<PeoplePage>('/api/datasets/0/people?sort=noise')
    expect(rows.map(({ name, value }) => [name, value])).toEqual([
      ['bob', 1],
      ['cleo', 1],
      ['ann', 0],
      ['dan', 0],
    ])
    const photos = await json<PhotoPage>('/api/datasets/0/people/2/photos?sort=noise')
    expect(photos.rows[0]!.findings.length).toBe(1)
  })

  it('gives clean its review: what was answered is done, and nothing else', async () => {
    const { post } = await reviewing(['faces'], join(report, 'report.csv'))
    await post('/api/reviews/0/0', { answer: 'drop' })
    const lines = (await readFile(answers, 'utf8')).trim().split('\n')
    expect(lines.map((line) => line.split(',').slice(0, 3))).toEqual([
      ['rank', 'action', 'rule'],
      ['1', 'drop', 'byte-identical'],
    ])
    const given = { dataset: 'faces', output: 'cleaned', datasets, review: answers }
    const result = await runStage(clean, clean.options.parse(given), localRun())
    expect(result).toMatchObject({ images: 6, dropped: 1 })
  })

  it('is refused where its images have other bytes now, though keys, labels and names are the same', async () => {
    const person = (identity: number) => [
      { name: 'eve', identity, images: 2, first: faceJpeg(identity, 1) },
      { name: 'fay', identity: 9, images: 1 },
    ]
    await publishFaces(datasets, 'changed', person(6))
    const found = join(datasets, 'changed-found')
    await runStage(clean, clean.options.parse({ ...options, dataset: 'changed', report: found }), localRun())
    await browse(['changed'], { datasets, reviews: [found] }).then((browsing) => browsing.close())
    await publishFaces(datasets, 'changed', person(7))
    await expect(browse(['changed'], { datasets, reviews: [found] })).rejects.toThrow(
      /report\.csv: line 2: record \d of changed is another image than the report has: expected xxh64/,
    )
  })

  it('tells in the place of a photo of another tool that it is another one now', async () => {
    const image = (key: number) => ({ key, labels: [key], bytes: faceJpeg(key, 0) })
    await foreignFolder(join(datasets, 'foreign'), [image(0), image(1)])
    const rows = [hashToHex(xxh64(faceJpeg(0, 0))), '0123456789abcdef'].map(
      (hash, key) => `drop,${key},xxh64:${hash}`,
    )
    const foreign = join(datasets, 'foreign.csv')
    await writeFile(foreign, `action,key,xxh64\n${rows.join('\n')}\n`)
    const { json } = await reviewing(['foreign'], foreign)
    expect((await json<CleanItem>('/api/reviews/0/0')).photo.fault).toBeUndefined()
    expect((await json<CleanItem>('/api/reviews/0/1')).photo.fault).toMatch(
      /not the image that the report is about: expected xxh64 0123456789abcdef, found/,
    )
  })

  it('is refused where it is of another dataset', async () => {
    await expect(browse(['a'], { datasets, reviews: [report] })).rejects.toThrow(
      /found\/report\.csv: line \d: .*Give the report that was made of this dataset/,
    )
  })
})
