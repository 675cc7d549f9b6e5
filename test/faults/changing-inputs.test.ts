import * as fs from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { InputError, StrictError } from '../../src/errors/index.js'
import { silentProgress } from '../../src/progress/progress.js'
import { merge } from '../../src/stages/merge/merge.js'
import { pack } from '../../src/stages/pack/pack.js'
import type { AnyStage, Plan } from '../../src/stages/stage.js'
import { localRun } from '../cluster/local-run.js'
import { publishTiny, writeForeign } from '../dataset/make-dataset.js'
import { aligned } from '../stages/pack/packing.js'
import { memoryFolder } from './memory-folder.js'
import { leftovers, wholeFingerprint } from './published.js'

/** Called with a descriptor whenever the size of an open file is asked for, after the answer is known. */
const sizeAsked = { by(_descriptor: number) {} }

vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof fs>()
  const fstatSync = (descriptor: number) => {
    const stat = original.fstatSync(descriptor)
    sizeAsked.by(descriptor)
    return stat
  }
  return { ...original, fstatSync, default: { ...original, fstatSync } }
})

const { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } = fs

const folder = memoryFolder()
const photos = join(folder, 'photos')
const datasets = join(folder, 'datasets')
const output = join(datasets, 'people')
let old: string

beforeEach(async () => {
  for (const path of [photos, datasets]) rmSync(path, { recursive: true, force: true })
  for (const [i, path] of ['Ann/1.jpg', 'Ann/2.jpg', 'Bob/1.jpg'].entries()) {
    mkdirSync(join(photos, path, '..'), { recursive: true })
    writeFileSync(join(photos, path), await aligned(80 + i))
  }
  await publishTiny(datasets, 'people', { old: 3 })
  old = await wholeFingerprint(output)
})

afterEach(() => {
  sizeAsked.by = () => {}
})

/** A stage that is disturbed between plan and work. */
function disturbed(stage: AnyStage, disturb: () => void): AnyStage {
  return {
    ...stage,
    async plan(options: unknown, shards: number): Promise<Plan<unknown>> {
      const plan = await stage.plan(options, shards)
      disturb()
      return plan
    },
  }
}

const packing = (disturb: () => void, strict = false) =>
  runStage(
    disturbed(pack, disturb),
    pack.options.parse({ inputs: [photos], output, size: 16 }),
    localRun({ replace: true, strict }),
  )

const skipped = () =>
  readFileSync(join(output, 'skipped.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { path: string; reason: string })

describe('a photo that changes while pack runs', () => {
  it.each<[string, () => void, RegExp]>([
    ['is removed', () => rmSync(join(photos, 'Ann/2.jpg')), /^cannot be read: no such file or folder/],
    [
      'becomes a folder',
      () => {
        rmSync(join(photos, 'Ann/2.jpg'))
        mkdirSync(join(photos, 'Ann/2.jpg'))
      },
      /^cannot be read: is a folder where a file was expected/,
    ],
    ['is cut short', () => truncateSync(join(photos, 'Ann/2.jpg'), 300), /no end marker/],
    ['is emptied', () => truncateSync(join(photos, 'Ann/2.jpg')), /^the file is empty/],
    [
      'is cut short while it is read',
      () => whenRead('Ann/2.jpg', (path) => truncateSync(path, 10)),
      /^the file became shorter while it was read/,
    ],
    [
      'is written to while it is read',
      () =>
        whenRead('Ann/2.jpg', (path) => {
          fs.utimesSync(path, 1, 1)
        }),
      /^the file was written to while it was read/,
    ],
    [
      'grows while it is read',
      () => whenRead('Ann/2.jpg', (path) => fs.appendFileSync(path, 'more')),
      /^the file was written to while it was read/,
    ],
  ])('%s: it is listed with the reason, and --strict stops with exit code 5', async (_, disturb, reason) => {
    await expect(packing(disturb, true)).rejects.toThrow(StrictError)
    expect(await wholeFingerprint(output)).toBe(old)
    rmSync(join(photos, 'Ann/2.jpg'), { recursive: true, force: true })
    writeFileSync(join(photos, 'Ann/2.jpg'), await aligned(81))
    await packing(disturb)
    expect(await wholeFingerprint(output)).not.toBe(old)
    expect(skipped()).toEqual([
      { source: 'photos', path: 'Ann/2.jpg', reason: expect.stringMatching(reason) },
    ])
  })

  it('with its folder, leaves the other identities', async () => {
    await packing(() => rmSync(join(photos, 'Ann'), { recursive: true }))
    expect(skipped().map(({ path }) => path)).toEqual(['Ann/1.jpg', 'Ann/2.jpg'])
    expect((await wholeFingerprint(output)) !== old).toBe(true)
  })

  it('with all the others, is exit code 3 with the reasons, and the old version stays', async () => {
    const error = await packing(() => rmSync(photos, { recursive: true })).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(InputError)
    expect((error as InputError).message).toMatch(
      /no image is left to pack: .*3 image files.*Ann\/1\.jpg: cannot be read: no such/,
    )
    expect(await wholeFingerprint(output)).toBe(old)
  })

  /** Disturbs a photo after its size is known and before its bytes are read, once. */
  function whenRead(name: string, disturb: (path: string) => void): void {
    const path = join(photos, name)
    sizeAsked.by = (descriptor) => {
      if (fs.readlinkSync(`/proc/self/fd/${descriptor}`) !== path) return
      sizeAsked.by = () => {}
      disturb(path)
    }
  }
})

describe('a dataset that changes while merge reads it', () => {
  const input = join(datasets, 'changing')
  const records = join(input, 'train.rec')

  beforeEach(async () => {
    await publishTiny(datasets, 'umd', { ann: 2 })
  })

  /** Merges; the input is disturbed when the first images are copied. Larger than what is read ahead. */
  async function merging(disturb: () => void): Promise<unknown> {
    let done = false
    const progress = {
      ...silentProgress,
      advance() {
        if (!done) disturb()
        done = true
      },
    }
    return runStage(
      merge,
      merge.options.parse({ inputs: ['changing', 'umd'], datasets, output }),
      localRun({ replace: true, progress }),
    ).catch((cause: unknown) => cause)
  }

  async function expectInputError(error: unknown, message: RegExp): Promise<void> {
    expect(error).toBeInstanceOf(InputError)
    expect((error as InputError).message).toMatch(message)
    expect((error as InputError).exitCode).toBe(3)
    expect((error as InputError).fault.file).toContain('train.rec')
    expect((error as InputError).fault.fix).toBeDefined()
    expect(await wholeFingerprint(output)).toBe(old)
    expect(leftovers(output).filter((name) => name.startsWith('.'))).toEqual([])
  }

  describe('of facedata', () => {
    beforeEach(() => publishTiny(datasets, 'changing', { bob: 110_000 }))

    it('is refused where it is cut short', async () => {
      const error = await merging(() => truncateSync(records, fs.statSync(records).size - 1000))
      await expectInputError(error, /train\.rec: at offset \d+: the file ends inside a record/)
    })

    it('is refused where an image becomes another', async () => {
      const error = await merging(() => overwrite(-100_000, Buffer.from('changed')))
      await expectInputError(
        error,
        /train\.rec: .*(bad magic word|not the image that the manifest describes)/,
      )
    })
  })

  describe('of another tool', () => {
    beforeEach(async () => {
      mkdirSync(input)
      const bytes = Buffer.alloc(2000, 'image')
      await writeForeign(
        join(input, 'train'),
        Array.from({ length: 10_000 }, (_, key) => ({ key, labels: [0], bytes })),
      )
      writeFileSync(join(input, 'property'), '1,112,112')
    })

    it('is refused where it is cut short', async () => {
      const error = await merging(() => truncateSync(records, fs.statSync(records).size - 1000))
      await expectInputError(error, /train\.rec: record \d+ at offset \d+: the file ends inside a record/)
    })

    it('is refused where an image becomes another, though it has no hash', async () => {
      const error = await merging(() => overwrite(-100, Buffer.from('changed')))
      await expectInputError(error, /train\.rec: the file was written to while it was read/)
    })
  })

  function overwrite(from: number, bytes: Buffer): void {
    const descriptor = fs.openSync(records, 'r+')
    fs.writeSync(descriptor, bytes, 0, bytes.length, fs.fstatSync(descriptor).size + from)
    fs.closeSync(descriptor)
  }
})
