import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { Random } from '../../src/random/random.js'
import { loadStage } from '../../src/stages/registry.js'
import { localRun } from '../cluster/local-run.js'
import { publishTiny } from '../dataset/make-dataset.js'
import { picture } from '../image/pictures.js'
import { aligned } from '../stages/pack/packing.js'
import { differences, filesBelow } from './every-crash.js'
import { memoryFolder } from './memory-folder.js'
import { versionFiles } from './published.js'

const folder = memoryFolder()

/** Photos of every kind that pack tells apart, by their paths. */
const photos = new Map<string, Buffer>()
for (let i = 0; i < 150; i++) {
  const person = `P${i % 11}`
  const kind = i % 5
  const name = `${person}/${String(i).padStart(3, '0')}${kind === 1 ? '.png' : '.jpg'}`
  if (kind === 1)
    photos.set(
      name,
      await picture(30 + i, 20)
        .png()
        .toBuffer(),
    )
  else if (kind === 2)
    photos.set(
      name,
      await picture(40, 50 + i)
        .jpeg()
        .toBuffer(),
    )
  else photos.set(name, await aligned(20 + (i % 80)))
}
photos.set('P0/broken.jpg', Buffer.from('no image'))
photos.set('P3/cut.jpg', photos.get('P3/003.jpg')!.subarray(0, 200))
photos.set('P3/notes.txt', Buffer.from('hidden nowhere'))
photos.set('alone/1.jpg', await aligned(5))

/** Folders of the same name with the same files, made in one order and in another. */
function writePhotos(name: string, order: string[]): string {
  const root = join(folder, name, 'photos')
  for (const path of order) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), photos.get(path)!)
  }
  return root
}

const names = [...photos.keys()]
const inOrder = writePhotos('first', names)
const shuffled = writePhotos('second', new Random(3).shuffle(names.slice()))

await publishTiny(
  join(folder, 'datasets'),
  'umd',
  Object.fromEntries(names.slice(0, 30).map((_, i) => [`u${i}`, 9])),
)
await publishTiny(join(folder, 'datasets'), 'ms1m', { a: 40, b: 1, c: 7 }, { dialect: 'im2rec' })
writeFileSync(
  join(folder, 'pairs.txt'),
  Array.from({ length: 140 }, (_, i) => `${names[i]}\t${names[i + 1]}\t${i % 2}\n`).join(''),
)

let runs = 0

/** What a stage writes with so many jobs: a dataset's version, a folder, or a file and what stands beside it. */
async function outputOf(
  stage: string,
  options: Record<string, unknown>,
  jobs: number,
): Promise<Map<string, Buffer>> {
  const loaded = await loadStage(stage)
  const place = join(folder, 'out', String(runs++))
  mkdirSync(place, { recursive: true })
  const output = join(place, 'same')
  await runStage(loaded, loaded.options.parse({ ...options, output }), localRun({ jobs }))
  if (loaded.output(loaded.options.parse({ ...options, output })).kind === 'dataset')
    return versionFiles(output)
  return filesBelow(place)
}

async function expectSame(stage: string, ...runs: [Record<string, unknown>, number][]): Promise<void> {
  const [first, ...others] = await Promise.all(runs.map(([options, jobs]) => outputOf(stage, options, jobs)))
  expect(first!.size).toBeGreaterThan(0)
  for (const other of others) expect(differences(first!, other)).toEqual([])
}

describe('pack gives the same bytes on one thread, on several, and from files that were made in another order', () => {
  it.each<Record<string, unknown>>([
    {},
    { size: 16 },
    { size: 16, fit: 'contain', quality: 60 },
    { size: 24, fit: 'fill' },
    { 'pass-through': true },
    { size: 16, 'min-images': 5 },
    { size: 16, dialect: 'im2rec' },
    { size: 16, shuffle: true },
    { size: 16, shuffle: true, seed: 8, 'pass-through': true, 'min-images': 2 },
  ])('%j', async (options) => {
    await expectSame(
      'pack',
      [{ ...options, inputs: [inOrder] }, 1],
      [{ ...options, inputs: [inOrder] }, 2],
      [{ ...options, inputs: [shuffled] }, 3],
    )
  })

  it('of several inputs joined by name', async () => {
    const options = { size: 16, 'join-by-name': true, inputs: [inOrder, shuffled] }
    await expectSame('pack', [options, 1], [options, 3])
  })
})

describe('the other stages give the same bytes on one thread and on several', () => {
  const datasets = join(folder, 'datasets')

  it.each<[string, Record<string, unknown>]>([
    ['merge', { inputs: ['umd', 'ms1m'], datasets }],
    ['merge', { inputs: ['ms1m', 'umd'], datasets, dialect: 'im2rec' }],
    ['bins', { pairs: join(folder, 'pairs.txt'), images: inOrder, size: 16 }],
    ['bins', { pairs: join(folder, 'pairs.txt'), images: inOrder, 'pass-through': true }],
    ['bins', { from: 'umd', datasets, 'pairs-per-fold': 30, folds: 3, seed: 5 }],
    ['synth', { identities: 2, images: 1, seed: 4 }],
  ])('%s %j', async (stage, options) => {
    await expectSame(stage, [options, 1], [options, 3])
  })

  it('as bins --extract does', async () => {
    const bin = join(folder, 'extracted.bin')
    const made = await outputOf('bins', { from: 'umd', datasets, 'pairs-per-fold': 30, folds: 3 }, 1)
    for (const [name, bytes] of made) writeFileSync(join(folder, name.replace('same', basename(bin))), bytes)
    await expectSame('bins', [{ extract: bin }, 1], [{ extract: bin }, 3])
    expect(readFileSync(bin).length).toBeGreaterThan(0)
  })
})
