import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { Dataset, publishDataset } from '../../src/dataset/index.js'
import { adopt } from '../../src/repairs/adopt/adopt.js'
import { reindex } from '../../src/repairs/reindex/reindex.js'
import { merge } from '../../src/stages/merge/merge.js'
import { pack } from '../../src/stages/pack/pack.js'
import { shuffle } from '../../src/stages/shuffle/shuffle.js'
import { split } from '../../src/stages/split/split.js'
import { localRun } from '../cluster/local-run.js'
import { publishTiny, writeDataset } from '../dataset/make-dataset.js'
import type { DiskState } from '../io/crash-model.js'
import { foreignFolder } from '../repairs/foreign-folder.js'
import { aligned } from '../stages/pack/packing.js'
import { crashEverywhere, differences, filesBelow } from './every-crash.js'
import { memoryFolder } from './memory-folder.js'

const parent = memoryFolder()
const root = join(parent, 'root')
const inputs = join(parent, 'inputs')

beforeEach(() => {
  rmSync(root, { recursive: true, force: true })
  mkdirSync(root)
})

const photos = join(parent, 'photos')
for (const [i, path] of ['Ann/1.jpg', 'Ann/2.jpg', 'Bob/1.jpg'].entries()) {
  mkdirSync(join(photos, path, '..'), { recursive: true })
  writeFileSync(join(photos, path), await aligned(80 + i))
}
writeFileSync(join(photos, 'Bob/2.jpg'), 'no image')
await publishTiny(inputs, 'umd', { ann: 2, bob: 1 })
await publishTiny(inputs, 'ms1m', { eve: 2 })
await publishTiny(inputs, 'many', { ann: 3, bob: 3, cleo: 3, dan: 3 })

const replacing = localRun({ replace: true })

describe('a dataset, after a power loss at any point', () => {
  const datasets = join(root, 'datasets')
  const output = join(datasets, 'people')

  async function publishing(images: number): Promise<void> {
    const written = await writeDataset(join(datasets, '.scratch', 'written'), { ann: images })
    await publishDataset(written, output, { strict: false, replace: true })
    rmSync(join(datasets, '.scratch'), { recursive: true, force: true })
  }

  const packing = () => runStage(pack, pack.options.parse({ inputs: [photos], output, size: 16 }), replacing)
  const merging = () =>
    runStage(merge, merge.options.parse({ inputs: ['umd', 'ms1m'], datasets: inputs, output }), replacing)
  const shuffling = () =>
    runStage(shuffle, shuffle.options.parse({ dataset: 'umd', datasets: inputs, output }), replacing)

  /** Versions that stand there, the published one first. All else there is left of a stopped run. */
  function versions(): string[] {
    const current = basename(readlinkSync(output))
    const others = readdirSync(join(datasets, '.versions', 'people')).filter((name) => name !== current)
    expect(readdirSync(datasets).sort()).toEqual(['.versions', 'people'])
    for (const name of others) expect(name).toMatch(/^[0-9a-f]{16}$/)
    return [current, ...others]
  }

  it.each<[string, number, () => Promise<unknown>]>([
    ['of pack', 1, packing],
    ['of pack that replaces a version', 2, packing],
    ['of merge that replaces a version', 2, merging],
    ['of shuffle that replaces a version', 2, shuffling],
    ['of publishing', 1, () => publishing(1)],
    ['of publishing over the second version', 3, () => publishing(3)],
    ['of publishing over the third version, which removes the first', 4, () => publishing(4)],
    ['of publishing what was published before', 3, () => publishing(1)],
  ])(
    '%s, is the earlier version or the new one, whole, and the run can be done again',
    async (_, until, action) => {
      for (let images = 1; images < until; images++) await publishing(images)
      const old = until > 1 ? filesBelow(output) : undefined
      if (old !== undefined) {
        writeFileSync(join(output, 'lfw.bin'), 'pairs')
        old.set('lfw.bin', Buffer.from('pairs'))
      }
      let fresh = new Map<string, Buffer>()
      const met = { old: 0, fresh: 0 }
      await crashEverywhere({
        root,
        async action() {
          await action()
          fresh = filesBelow(output)
        },
        check(state: DiskState) {
          const named = state.links.has('datasets/people')
          if (named || old !== undefined) expect(state.filesBelow('datasets/people')).toBeDefined()
          const found = state.filesBelow('datasets/people') ?? new Map()
          const isFresh = named && differences(found, fresh).length === 0
          if (!isFresh) expect(differences(found, old ?? new Map())).toEqual([])
          met[isFresh ? 'fresh' : 'old']++
        },
        async again() {
          await action()
          expect(differences(filesBelow(output), fresh)).toEqual([])
          const dataset = await Dataset.open(output)
          for await (const _ of dataset.imageBatches());
          await dataset.close()
          for (const version of versions()) {
            const description = JSON.parse(
              readFileSync(join(datasets, '.versions', 'people', version, 'dataset.json'), 'utf8'),
            )
            expect(description.fingerprint).toBe(version)
          }
        },
      })
      expect(Math.min(met.old, met.fresh)).toBeGreaterThan(0)
    },
  )
})

describe('the two parts of a split, after a power loss at any point', () => {
  const parts = ['train', 'val']
  const splitting = (seed: number) =>
    runStage(
      split,
      split.options.parse({
        dataset: 'many',
        datasets: inputs,
        output: join(root, 'train'),
        val: join(root, 'val'),
        count: 1,
        seed,
      }),
      replacing,
    )

  it('are the earlier ones or the new ones, each whole, and the run can be done again', async () => {
    await splitting(1)
    const old = parts.map((part) => filesBelow(join(root, part)))
    let fresh = old
    const met = new Set<string>()
    await crashEverywhere({
      root,
      async action() {
        await splitting(2)
        fresh = parts.map((part) => filesBelow(join(root, part)))
      },
      check(state: DiskState) {
        const found = parts.map((part, i) => {
          const files = state.filesBelow(part) ?? new Map()
          if (differences(files, fresh[i]!).length === 0) return 'fresh'
          expect(differences(files, old[i]!)).toEqual([])
          return 'old'
        })
        met.add(found.join(' '))
      },
      async again() {
        await splitting(2)
        for (const [i, part] of parts.entries()) {
          expect(differences(filesBelow(join(root, part)), fresh[i]!)).toEqual([])
        }
        expect(readdirSync(root).sort()).toEqual(['.versions', 'train', 'val'])
      },
    })
    expect([...met].sort()).toEqual(['fresh fresh', 'fresh old', 'old old'])
  })
})

describe('a dataset of another tool that is adopted, after a power loss at any point', () => {
  const folder = join(root, 'wild')
  const records = [0, 1, 2].map((key) => ({ key, labels: [key % 2], bytes: Buffer.from(`image ${key}`) }))

  it('is as it was, or described as a whole, and can be adopted again', async () => {
    await foreignFolder(folder, records)
    writeFileSync(join(folder, 'property'), '2,112,112')
    rmSync(join(folder, 'train.idx'))
    const old = filesBelow(folder)
    let fresh = old
    const met = new Set<string>()
    await crashEverywhere({
      root,
      async action() {
        await adopt(folder)
        fresh = filesBelow(folder)
      },
      check(state: DiskState) {
        const found = state.filesBelow('wild')!
        for (const name of [...found.keys()]) if (name.startsWith('.adopt.tmp/')) found.delete(name)
        if (found.has('dataset.json')) expect(differences(found, fresh)).toEqual([])
        else for (const name of found.keys()) expect(found.get(name)!.equals(fresh.get(name)!)).toBe(true)
        for (const name of old.keys()) expect(found.has(name)).toBe(true)
        met.add(found.has('dataset.json') ? 'described' : differences(found, old).length > 0 ? 'some' : 'old')
      },
      async again() {
        await adopt(folder)
        expect(differences(filesBelow(folder), fresh)).toEqual([])
        expect(readdirSync(folder)).not.toContain('.adopt.tmp')
      },
    })
    expect([...met].sort()).toEqual(['described', 'old', 'some'])
  })
})

describe('an index that is rebuilt, after a power loss at any point', () => {
  const folder = join(root, 'umd')

  it.each([
    ['of a sound file', false],
    ['of a damaged file, of which its description is no longer true', true],
  ])('%s, is the earlier one or the new one, and can be rebuilt again', async (_, damaged) => {
    await writeDataset(folder, { ann: 2, bob: 2 })
    const bytes = readFileSync(join(folder, 'train.rec'))
    if (damaged) writeFileSync(join(folder, 'train.rec'), bytes.fill(0, 0, 40))
    else writeFileSync(join(folder, 'train.idx'), 'damaged')
    const old = filesBelow(folder)
    let fresh = old
    const met = new Set<string>()
    await crashEverywhere({
      root,
      async action() {
        await reindex(folder)
        fresh = filesBelow(folder)
      },
      check(state: DiskState) {
        const found = state.filesBelow('umd')!
        const index = found.get('train.idx')!
        const isOld = index.equals(old.get('train.idx')!)
        if (!isOld) expect(index.equals(fresh.get('train.idx')!)).toBe(true)
        if (!isOld) expect(found.get('train.idx.bak')!.equals(old.get('train.idx')!)).toBe(true)
        met.add(isOld ? 'old' : 'fresh')
      },
      async again() {
        await reindex(folder)
        expect(differences(filesBelow(folder), fresh)).toEqual([])
        expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
      },
    })
    expect([...met].sort()).toEqual(['fresh', 'old'])
    expect(fresh.has('dataset.json')).toBe(!damaged)
  })
})
