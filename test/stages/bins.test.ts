import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { type LocalRun, runStage } from '../../src/cluster/local.js'
import { publishDataset } from '../../src/dataset/index.js'
import { InputError, StrictError, UsageError } from '../../src/errors/index.js'
import { xxh64 } from '../../src/hash/xxh64.js'
import { decodeRgb } from '../../src/image/index.js'
import { bins } from '../../src/stages/bins/bins.js'
import type { ExtractedBin } from '../../src/stages/bins/extract.js'
import type { WrittenBin } from '../../src/stages/bins/publish.js'
import { readBin } from '../../src/verification/index.js'
import { localRun } from '../cluster/local-run.js'
import { writeDataset } from '../dataset/make-dataset.js'
import { testData } from '../oracles/data.js'
import { oracle, runOracle } from '../oracles/python.js'
import { temporaryFolder } from '../temporary-folder.js'
import { grayJpeg } from '../verification/bins.js'

type Given = Record<string, unknown>

/** As the command line runs it, in one thread unless told otherwise. */
function runBins<Result = WrittenBin>(given: Given, local: Partial<LocalRun> = {}): Promise<Result> {
  return runStage(bins, bins.options.parse(given), localRun(local)) as Promise<Result>
}

/** The stage with its pairs cut into `shards`, without threads. */
async function runInShards(given: Given, shards: number): Promise<number> {
  const plan = await bins.plan(bins.options.parse(given), shards)
  const context = { ...localRun(), scratch: temporaryFolder() }
  const results = []
  for (const shard of [...plan.shards].reverse()) results.unshift(await bins.work(shard, context))
  await bins.finish(plan, results, context)
  return plan.shards.length
}

/** People 0 to 9 with five 16x16 JPEGs each, and a pair list of all kinds of trouble beside them. */
function photos(): { root: string; images: string; list: (text: string) => string } {
  const root = temporaryFolder()
  for (let person = 0; person < 10; person++) {
    mkdirSync(join(root, 'photos', `P${person}`), { recursive: true })
    for (let number = 1; number <= 5; number++) {
      writeFileSync(
        join(root, 'photos', `P${person}`, `P${person}_000${number}.jpg`),
        grayJpeg(20 * person + number),
      )
    }
  }
  return {
    root,
    images: join(root, 'photos'),
    list(text) {
      writeFileSync(join(root, 'pairs.txt'), text)
      return join(root, 'pairs.txt')
    },
  }
}

/** Faster than `toEqual`, which compares element by element. */
function expectSameBytes(path: string, expected: string): void {
  expect(readFileSync(path).equals(readFileSync(expected)), `${path} and ${expected}`).toBe(true)
}

/** A list of `count` pairs, same and different in turn. */
function alternatingList(count: number): string {
  return Array.from({ length: count }, (_, i) =>
    i % 2 === 0
      ? `P${i % 10}\t${(i % 5) + 1}\t${((i + 1) % 5) + 1}\n`
      : `P${i % 10}\t${(i % 5) + 1}\tP${(i + 3) % 10}\t1\n`,
  ).join('')
}

describe('bins --pairs', () => {
  it('names the photos of its pairs, which may not change on a cluster between plan and work', async () => {
    const { root, images, list } = photos()
    const options = { pairs: list('P0\t1\t2\nP1\t1\tP2\t9\n'), images, output: join(root, 'x.bin') }
    const { shards } = await bins.plan(bins.options.parse(options), 1)
    expect([...bins.filesOf!(shards[0]!)]).toEqual([
      { path: join(images, 'P0'), names: ['P0_0001.jpg'] },
      { path: join(images, 'P0'), names: ['P0_0002.jpg'] },
    ])
  })

  it('stores JPEGs of the size as they are, with the folds and names in the sidecar', async () => {
    const { root, images, list } = photos()
    const output = join(root, 'x.bin')
    const result = await runBins({
      pairs: list('2\t1\nP0\t1\t2\nP1\t1\tP2\t3\nP3\t4\t5\nP3\t1\tP4\t1\n'),
      images,
      output,
      size: 16,
    })
    expect(result).toEqual({
      kind: 'bin',
      bin: output,
      pairs: 4,
      same: 2,
      different: 2,
      folds: 2,
      foldOrigin: 'list',
      skipped: 0,
      skippedList: undefined,
      otherExtensions: 0,
      selfPairs: 0,
    })
    expect(bins.describe(result)).toEqual(['4 pairs (2 same, 2 different), 2 folds; 0 pairs skipped'])
    const bin = await readBin(output)
    expect([...bin.same]).toEqual([1, 0, 1, 0])
    expect(readFileSync(join(images, 'P2/P2_0003.jpg')).equals(bin.images[3]!)).toBe(true)
    expect(bin.sidecar?.source).toEqual({ pairs: 'pairs.txt', images: 'photos' })
    expect(bin.sidecar?.pairs[1]).toEqual({
      fold: 0,
      same: false,
      images: ['P1/P1_0001.jpg', 'P2/P2_0003.jpg'],
      line: 3,
    })
    const visible = readdirSync(root).filter((name) => !name.startsWith('.'))
    expect(visible.sort()).toEqual(['pairs.txt', 'photos', 'x.bin', 'x.bin.json'])
  })

  it('lists and counts what is missing or unreadable; --strict then publishes nothing', async () => {
    const { root, images, list } = photos()
    writeFileSync(join(images, 'P9/P9_0001.jpg'), 'no image')
    const output = join(root, 'x.bin')
    const pairs = list('P0 1 2\nP0 1 9\nNobody 1 P1 1\nP8 1 P9 1\nP5 1 P6 1\nP5 3. 3.\n')
    await expect(runBins({ pairs, images, output, size: 16 }, { strict: true })).rejects.toThrow(StrictError)
    expect(existsSync(output)).toBe(false)

    const result = await runBins({ pairs, images, output, size: 16 })
    expect(result).toMatchObject({ pairs: 3, same: 2, different: 1, skipped: 3, folds: 0, selfPairs: 1 })
    expect(bins.describe(result).join('\n')).toMatch(
      /no folds; 3 pairs skipped\n.*\n1 pairs are of an image with itself/,
    )
    const rows = readFileSync(`${output}.skipped.jsonl`, 'utf8').trim().split('\n')
    expect(rows.map((row) => JSON.parse(row))).toEqual([
      {
        line: 2,
        images: ['P0/P0_0001.jpg', 'P0 9'],
        same: true,
        reason: 'P0 has no P0_0009.jpg among its 5 files',
      },
      {
        line: 3,
        images: ['Nobody 1', 'P1/P1_0001.jpg'],
        same: false,
        reason: 'there is no folder Nobody',
      },
      {
        line: 4,
        images: ['P8/P8_0001.jpg', 'P9/P9_0001.jpg'],
        same: false,
        reason: expect.stringMatching(/^P9\/P9_0001\.jpg: not an image/),
      },
    ])

    const whole = list('P0 1 2\nP5 1 P6 1\n')
    await expect(runBins({ pairs: whole, images, output, size: 16 })).rejects.toThrow(/--replace/)
    await runBins({ pairs: whole, images, output, size: 16 }, { replace: true })
    expect(existsSync(`${output}.skipped.jsonl`)).toBe(false)
    expect((await readBin(output)).same.length).toBe(2)
  })

  it('converts other images to the size, or passes everything through', async () => {
    const { root, images, list } = photos()
    const png = await sharp(grayJpeg(200, 40)).png().toBuffer()
    writeFileSync(join(images, 'P0/other.png'), png)
    const pairs = list('P0/other.jpg P0/P0_0001.jpg 1\nP0/other.png P1/P1_0001.jpg 0\n')
    const converted = join(root, 'converted.bin')
    expect(await runBins({ pairs, images, output: converted, size: 16 })).toMatchObject({
      otherExtensions: 1,
    })
    const first = (await readBin(converted)).images[0]!
    expect([...first.subarray(0, 2)]).toEqual([0xff, 0xd8])
    expect(await decodeRgb(first)).toMatchObject({ width: 16, height: 16 })
    const passed = join(root, 'passed.bin')
    await runBins({ pairs, images, output: passed, 'pass-through': true })
    expect(png.equals((await readBin(passed)).images[0]!)).toBe(true)
  })

  it('gives the same bytes in any number of shards, and in threads', async () => {
    const { root, images, list } = photos()
    const given = { pairs: list(alternatingList(200)), images, size: 16 }
    const outputs = ['one', 'three', 'threads'].map((name) => join(root, name, 'x.bin'))
    expect(await runInShards({ ...given, output: outputs[0] }, 1)).toBe(1)
    expect(await runInShards({ ...given, output: outputs[1] }, 3)).toBe(3)
    await runBins({ ...given, output: outputs[2] }, { jobs: 2 })
    for (const file of ['', '.json']) {
      const [one, three, threads] = outputs.map((output) => `${output}${file}`)
      expectSameBytes(three!, one!)
      expectSameBytes(threads!, one!)
    }
    expect((await readBin(outputs[0]!)).sidecar?.pairs.map(({ fold }) => fold)).toEqual(
      Array.from({ length: 200 }, (_, i) => Math.floor(i / 20)),
    )
  })

  it('deals out folds anew where those of the list hold one kind', async () => {
    const { root, images, list } = photos()
    const text = '2\nP0 1 2\nP1 1 2\nP0 1 P1 1\nP2 1 P3 1\n'
    const result = await runBins({ pairs: list(text), images, output: join(root, 'x.bin'), size: 16 })
    expect(result).toMatchObject({ folds: 2, foldOrigin: 'stratified' })
  })

  it('says what is wrong with the input', async () => {
    const { root, images, list } = photos()
    const output = join(root, 'x.bin')
    const pairs = list('Nobody 1 2\n')
    await expect(runBins({ pairs, images, output })).rejects.toThrow(
      /none of its 1 pairs has two readable images in .*The first: there is no folder Nobody/,
    )
    await expect(runBins({ pairs, images: pairs, output })).rejects.toThrow(/is not a folder/)
    await expect(runBins({ pairs: join(root, 'none'), images, output })).rejects.toThrow(InputError)
  })

  it.skipIf(oracle('torch') === undefined)(
    "is read by Python's pickle.load and upstream's load_bin (needs the torch oracle)",
    async () => {
      const { root, images, list } = photos()
      const output = join(root, 'x.bin')
      await runBins({ pairs: list(alternatingList(20)), images, output, size: 16 })
      const read = JSON.parse(await runOracle('torch', 'pickles.py', 'load', output))
      const bin = await readBin(output)
      expect(read.items).toEqual(bin.images.map((image) => Buffer.from(image).toString('hex')))
      expect(read.flags).toEqual([...bin.same].map(Boolean))
    },
  )
})

describe('bins --from', () => {
  async function dataset(): Promise<{ root: string; path: string }> {
    const root = temporaryFolder()
    const people = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`P${i}`, 1 + (i % 6)]))
    const path = join(root, 'people')
    await publishDataset(await writeDataset(join(root, '.scratch-people'), people), path, {
      strict: false,
      replace: false,
    })
    return { root, path }
  }

  it('draws balanced, identity-disjoint folds, the same for a seed', async () => {
    const { root, path } = await dataset()
    const draw = async (name: string, seed?: number) => {
      const output = join(root, name)
      const given = {
        from: path,
        'pairs-per-fold': 12,
        folds: 3,
        output,
        ...(seed === undefined ? {} : { seed }),
      }
      expect(await runBins(given)).toMatchObject({ pairs: 72, same: 36, different: 36, folds: 3, skipped: 0 })
      return readBin(output)
    }
    const bin = await draw('a.bin')
    await draw('b.bin', 0)
    expectSameBytes(join(root, 'b.bin'), join(root, 'a.bin'))
    expectSameBytes(join(root, 'b.bin.json'), join(root, 'a.bin.json'))
    expect((await draw('c.bin', 1)).sidecar?.pairs).not.toEqual(bin.sidecar?.pairs)

    const people = new Map<string, number | null>()
    for (const [index, { fold, same, images, records }] of bin.sidecar!.pairs.entries()) {
      expect(fold).toBe(Math.floor(index / 24))
      const [first, second] = images.map((image) => image.split('/')[0]!)
      expect(first === second).toBe(same)
      expect(records!.length).toBe(2)
      for (const person of [first!, second!]) {
        expect(people.get(person) ?? fold).toBe(fold)
        people.set(person, fold)
      }
    }
    expect(bin.sidecar?.source).toMatchObject({ dataset: 'tiny', pairsPerFold: 12, folds: 3, seed: 0 })
  })

  it('says how many pairs the dataset can give', async () => {
    const { root, path } = await dataset()
    const given = { from: path, 'pairs-per-fold': 12, folds: 3, output: join(root, 'x.bin') }
    const error = await runBins({ ...given, 'pairs-per-fold': 500 }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(InputError)
    const most = Number(/at most (\d+) and/.exec((error as Error).message)![1])
    expect(await runBins({ ...given, 'pairs-per-fold': most })).toMatchObject({ same: 3 * most })
  })
})

describe('bins --extract', () => {
  it('writes images and a pair list that give the same bin', async () => {
    const { root, images, list } = photos()
    const first = join(root, 'first.bin')
    await runBins({ pairs: list(alternatingList(60)), images, output: first, size: 16 })
    const folder = join(root, 'extracted')
    const extracted = await runBins<ExtractedBin>({ extract: first, output: folder })
    expect(extracted).toMatchObject({ kind: 'extracted', folder, pairs: 60 })
    expect(extracted.images).toBeLessThanOrEqual(50)
    expectSameBytes(join(folder, 'P0/P0_0001.jpg'), join(images, 'P0/P0_0001.jpg'))

    const second = join(root, 'second.bin')
    await runBins({ pairs: extracted.pairList, images: folder, output: second, size: 16 })
    expectSameBytes(second, first)
    const folds = async (path: string) => (await readBin(path)).sidecar!.pairs.map(({ fold }) => fold)
    expect(await folds(second)).toEqual(await folds(first))

    await expect(runBins({ extract: first, output: folder })).rejects.toThrow(/--replace/)
    await runBins({ extract: first, output: folder }, { replace: true })
    await expect(runBins({ extract: first, output: images }, { replace: true })).rejects.toThrow(
      /never replaced/,
    )
    expect(existsSync(join(images, 'P0'))).toBe(true)
  })

  const data = testData()
  it.skipIf(data === undefined)(
    'a bin without sidecar, found in the wild (needs ../shared/data)',
    async () => {
      const root = temporaryFolder()
      const wild = join(data!, 'golden/wild_numpy_protocol3.bin')
      const folder = join(root, 'wild')
      const { pairList } = await runBins<ExtractedBin>({ extract: wild, output: folder })
      const output = join(root, 'again.bin')
      await runBins({ pairs: pairList, images: folder, output, 'pass-through': true })
      const [before, after] = [await readBin(wild), await readBin(output)]
      expect(after.images.map(xxh64)).toEqual(before.images.map(xxh64))
      expect(after.same).toEqual(before.same)
    },
  )

  it('refuses names that lead out of the folder', async () => {
    const { root, images, list } = photos()
    const bin = join(root, 'x.bin')
    await runBins({ pairs: list('P0 1 2\n'), images, output: bin, size: 16 })
    const sidecar = readFileSync(`${bin}.json`, 'utf8')
    for (const name of ['../evil.jpg', '/evil.jpg', 'a/../../evil.jpg', 'a\\tb.jpg']) {
      writeFileSync(`${bin}.json`, sidecar.replace('P0/P0_0001.jpg', name))
      await expect(runBins({ extract: bin, output: join(root, 'out') })).rejects.toThrow(
        /is no path below a folder/,
      )
    }
    expect(existsSync(join(root, 'out'))).toBe(false)
  })
})

describe('options', () => {
  it.each<[Given, RegExp]>([
    [{}, /needs one of --pairs FILE, --from DATASET and --extract/],
    [{ pairs: 'a', from: 'b' }, /needs one of/],
    [{ pairs: 'a' }, /needs --images/],
    [{ from: 'a' }, /needs --pairs-per-fold/],
    [{ from: 'a', 'pairs-per-fold': 3, size: 16 }, /--size belongs to --pairs/],
    [{ extract: 'a', seed: 3 }, /--seed belongs to --from/],
    [{ pairs: 'a', images: 'b', 'pass-through': true, quality: 90 }, /contradict/],
  ])('%j', async (given, message) => {
    const error = await runBins({ ...given, output: 'x.bin' }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(UsageError)
    expect((error as Error).message).toMatch(message)
  })
})

const data = testData()
describe.skipIf(data === undefined)('published lists over the photos (needs ../shared/data)', () => {
  it('lfw_pairsDevTrain.txt: 1,100 same and 100 different pairs are usable', async () => {
    const output = join(temporaryFolder(), 'x.bin')
    const pairs = join(data!, 'pairs/lfw_pairsDevTrain.txt')
    expect(await runBins({ pairs, images: join(data!, 'lfw'), output })).toMatchObject({
      same: 1100,
      different: 100,
      skipped: 1000,
      folds: 10,
      foldOrigin: 'stratified',
    })
  })

  it.each([
    ['lfw_pairs.txt', [2257, 149], 3594],
    ['danbinabo_pairs.txt', [2558, 1718], 1724],
  ])('%s: same and different usable %j, missing %i', async (file, usable, missing) => {
    const given = { pairs: join(data!, 'pairs', file), images: join(data!, 'lfw'), output: 'x.bin' }
    const { shards } = await bins.plan(bins.options.parse(given), 1)
    const planned = shards.flatMap((shard) => ('pairs' in shard ? shard.pairs : []))
    const found = planned.filter((pair) => pair.missing === undefined)
    const same = found.filter((pair) => pair.same).length
    expect([same, found.length - same]).toEqual(usable)
    expect(planned.length - found.length).toBe(missing)
  })
})
