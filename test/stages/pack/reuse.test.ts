import fs, {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { runStage } from '../../../src/cluster/local.js'
import { Dataset } from '../../../src/dataset/index.js'
import { pack } from '../../../src/stages/pack/pack.js'
import { localRun } from '../../cluster/local-run.js'
import { picture } from '../../image/pictures.js'
import { aligned, type Packed, packFolders, temporaryFolder, writeTree } from './packing.js'

const openSync = fs.openSync
let opened: string[] = []

/** Notes the photos that are opened from here on. */
function watchPhotos(): void {
  opened = []
  fs.openSync = (path, ...rest) => {
    if (/\.(jpg|png)$/.test(String(path))) opened.push(String(path).split('/').slice(-2).join('/'))
    return openSync(path, ...rest)
  }
  syncBuiltinESMExports()
}

afterEach(() => {
  fs.openSync = openSync
  syncBuiltinESMExports()
})

/** Gives files a time at which no change can hide any more. */
function settle(root: string, secondsAgo = 3600): void {
  const time = Math.floor(Date.now() / 1000) - secondsAgo
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (statSync(join(root, name)).isFile()) utimesSync(join(root, name), time, time)
  }
}

/** 40 photos that are stored as they are, 8 that are converted and 1 that is none. */
async function photos(): Promise<string> {
  const files: Record<string, Buffer | string> = { 'person 1/broken.jpg': 'text' }
  for (let i = 0; i < 40; i++) files[`person ${i % 5}/${i}.jpg`] = await aligned(40 + i)
  for (let i = 0; i < 8; i++)
    files[`person ${i % 3}/album/big ${i}.png`] = await picture(30 + i, 20)
      .png()
      .toBuffer()
  const root = writeTree(files)
  settle(root)
  return root
}

const joined = { 'join-by-name': true }

/** Packs over what stands at `output`, and watches which photos that opens. */
async function packAgain(root: string, output: string, options = {}, run = {}): Promise<Packed> {
  watchPhotos()
  return packFolders([root], { output, ...joined, ...options }, { replace: true, ...run })
}

/** The files that count, by name. */
function filesOf(output: string): Record<string, string> {
  const names = readdirSync(output).filter((name) => name !== 'sources.arrow')
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(output, name)).toString('base64')]))
}

async function expectFresh(root: string, output: string, options = {}): Promise<void> {
  const fresh = await packFolders([root], {
    output: join(temporaryFolder(), 'packed'),
    ...joined,
    ...options,
  })
  expect(fresh.reused).toBe(0)
  const [expected, found] = [filesOf(fresh.output), filesOf(output)]
  expect(Object.keys(found)).toEqual(Object.keys(expected))
  for (const [name, bytes] of Object.entries(expected)) expect(found[name] === bytes, name).toBe(true)
}

describe('packing again over a version', () => {
  it('opens the changed files alone and gives the bytes of a fresh pack', async () => {
    for (const options of [{}, { 'pass-through': true }, { shuffle: true }, { dialect: 'im2rec' }]) {
      const root = await photos()
      const output = join(temporaryFolder(), 'packed')
      await packAgain(root, output, options)
      expect(opened.length).toBe(49)
      writeFileSync(join(root, 'person 3/3.jpg'), await aligned(20))
      writeFileSync(join(root, 'person 4/100.jpg'), await aligned(21))
      rmSync(join(root, 'person 0/0.jpg'))
      const result = await packAgain(root, output, options, { shards: 3 })
      expect(opened.sort()).toEqual(['person 1/broken.jpg', 'person 3/3.jpg', 'person 4/100.jpg'])
      expect(result).toMatchObject({ images: 48, reused: 46, skipped: 1 })
      expect(result.converted).toBe('pass-through' in options ? 0 : 8)
      expect(pack.describe(result)).toContain(
        '46 taken over from the version before: their files did not change',
      )
      await expectFresh(root, output, options)
    }
  })

  it('takes over across shards and threads, again and again', async () => {
    const root = await photos()
    const output = join(temporaryFolder(), 'packed')
    const parsed = pack.options.parse({ inputs: [root], output, size: 16, ...joined })
    for (const reused of [0, 48, 48]) {
      const result = await runStage(pack, parsed, localRun({ jobs: 2, replace: true }))
      expect(result.reused).toBe(reused)
      await expectFresh(root, output)
    }
  })

  it('keeps the cache up to date where the content was published before', async () => {
    const root = await photos()
    const output = join(temporaryFolder(), 'packed')
    const { fingerprint } = await packAgain(root, output)
    settle(root, 1800)
    const touched = await packAgain(root, output)
    expect(touched.fingerprint).toBe(fingerprint)
    expect(opened.length).toBe(49)
    expect(touched).toMatchObject({ reused: 8, converted: 8, asIs: 40 })
    expect((await packAgain(root, output)).reused).toBe(48)
  })

  it('reads a file again whose size or time is another, or whose time is too young to be trusted', async () => {
    const root = await photos()
    const output = join(temporaryFolder(), 'packed')
    const file = join(root, 'person 0/5.jpg')
    await packAgain(root, output)
    const { size } = statSync(file)
    writeFileSync(file, Buffer.alloc(size, 1))
    await packAgain(root, output)
    expect(opened.sort()).toEqual(['person 0/5.jpg', 'person 1/broken.jpg'])
    const sameSecond = statSync(file)
    writeFileSync(file, (await aligned(90)).subarray(0, size))
    utimesSync(file, sameSecond.atime, sameSecond.mtime)
    await packAgain(root, output)
    expect(opened).toContain('person 0/5.jpg')
    await expectFresh(root, output)
  })

  it('does not trust a time that lies within the last two seconds, or in the future', async () => {
    const root = await photos()
    const output = join(temporaryFolder(), 'packed')
    settle(root, -1000)
    await packAgain(root, output)
    expect((await packAgain(root, output)).reused).toBe(0)
    settle(root, 0)
    await packAgain(root, output)
    expect((await packAgain(root, output)).reused).toBe(0)
    settle(root)
    await packAgain(root, output)
    expect((await packAgain(root, output)).reused).toBe(48)
  })

  it('reads all files again for another conversion or another folder', async () => {
    const root = await photos()
    const output = join(temporaryFolder(), 'packed')
    await packAgain(root, output)
    for (const options of [{ quality: 80 }, { size: 20 }, { fit: 'fill' }, { 'pass-through': true }]) {
      expect((await packAgain(root, output, options)).reused).toBe(0)
    }
    await packAgain(root, output)
    const moved = join(temporaryFolder(), 'people')
    renameSync(root, moved)
    expect((await packAgain(moved, output)).reused).toBe(0)
    await expectFresh(moved, output)
  })

  it('takes over under other labels and with other identities left out', async () => {
    const root = await photos()
    const output = join(temporaryFolder(), 'packed')
    await packAgain(root, output)
    cpSync(join(root, 'person 4'), join(root, 'another'), { recursive: true })
    expect((await packAgain(root, output, { 'labels-from': output })).reused).toBe(48)
    expect(opened.every((path) => /another|broken/.test(path))).toBe(true)
    rmSync(join(root, 'person 2/2.jpg'))
    expect(await packAgain(root, output, { 'min-images': 8 })).toMatchObject({ reused: 40, dropped: 7 })
    await expectFresh(root, output, { 'min-images': 8 })
  })

  it('reads a file again whose stored record is damaged, and publishes the sound one', async () => {
    const root = await photos()
    const output = join(temporaryFolder(), 'packed')
    await packAgain(root, output)
    const records = join(realpathSync(output), 'train.rec')
    const bytes = readFileSync(records)
    bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100)
    writeFileSync(records, bytes)
    const result = await packAgain(root, output)
    expect(result.reused).toBe(47)
    expect(result.warnings.join()).toMatch(/is read again: its record at offset 0 of .*train\.rec is damaged/)
    await expectFresh(root, output)
  })

  it('goes on without a cache that cannot be read, or a version that is gone', async () => {
    const root = await photos()
    const output = join(temporaryFolder(), 'packed')
    await packAgain(root, output)
    const cache = join(realpathSync(output), 'sources.arrow')
    const whole = readFileSync(cache)
    for (const broken of [whole.subarray(0, 100), whole.subarray(0, -20), Buffer.alloc(whole.length)]) {
      writeFileSync(cache, broken)
      expect((await packAgain(root, output)).reused).toBe(0)
    }
    rmSync(cache)
    expect((await packAgain(root, output)).reused).toBe(0)
    const parsed = pack.options.parse({ inputs: [root], output, size: 16, ...joined })
    const plan = await pack.plan(parsed, 1)
    rmSync(cache)
    const warnings: string[] = []
    const log = { info() {}, warn: (message: string) => warnings.push(message) }
    const context = { ...localRun({ replace: true, log }), scratch: temporaryFolder() }
    const results = [await pack.work(plan.shards[0]!, context)]
    expect((await pack.finish(plan, results, context)).reused).toBe(0)
    expect(warnings).toEqual([
      expect.stringMatching(/nothing is taken over from the version before: .*sources/),
    ])
    await expectFresh(root, output)
  })

  it('leaves the cache out of the hashes and the fingerprint', async () => {
    const root = await photos()
    const output = join(temporaryFolder(), 'packed')
    const first = await packAgain(root, output)
    expect(existsSync(join(output, 'sources.arrow'))).toBe(true)
    const dataset = await Dataset.open(output)
    expect(Object.keys(dataset.description!.files)).not.toContain('sources.arrow')
    await dataset.close()
    settle(root, 7200)
    expect((await packAgain(root, output)).fingerprint).toBe(first.fingerprint)
  })
})
