import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { lockDatasets } from '../../src/pipeline/lock.js'
import { silentLog } from '../../src/progress/progress.js'
import { bins } from '../../src/stages/bins/bins.js'
import { synth } from '../../src/stages/synth/synth.js'
import { unpack } from '../../src/stages/unpack/unpack.js'
import {
  checkpointSteps,
  readCheckpoint,
  removeUnfinished,
  writeCheckpoint,
} from '../../src/training/checkpoints/checkpoint.js'
import { newRunState } from '../../src/training/checkpoints/run-state.js'
import { readBin, sidecarPath } from '../../src/verification/index.js'
import { localRun } from '../cluster/local-run.js'
import { publishTiny } from '../dataset/make-dataset.js'
import type { DiskState } from '../io/crash-model.js'
import { grayJpeg, writeBin } from '../verification/bins.js'
import { crashEverywhere, differences, filesBelow } from './every-crash.js'
import { memoryFolder } from './memory-folder.js'

const parent = memoryFolder()
const root = join(parent, 'root')
const inputs = join(parent, 'inputs')

beforeEach(() => {
  rmSync(root, { recursive: true, force: true })
  mkdirSync(root)
})

await publishTiny(inputs, 'umd', { ann: 2, bob: 1 })
await publishTiny(inputs, 'ms1m', { eve: 2 })
await publishTiny(inputs, 'many', { ann: 3, bob: 3, cleo: 3, dan: 3 })
await publishTiny(inputs, 'more', { ann: 4, bob: 3, cleo: 3, dan: 3 })
await writeBin(join(parent, 'a.bin'), [grayJpeg(10), grayJpeg(20)], [true])
await writeBin(join(parent, 'b.bin'), [grayJpeg(10), grayJpeg(30), grayJpeg(40), grayJpeg(50)], [true, false])

const replacing = localRun({ replace: true })

describe('a bin, after a power loss at any point', () => {
  const output = join(root, 'pairs.bin')
  const making = (dataset: string) =>
    runStage(
      bins,
      bins.options.parse({ from: dataset, 'pairs-per-fold': 1, folds: 2, datasets: inputs, output }),
      replacing,
    )

  it('is the earlier one or the new one, and a sidecar that is not its own is refused', async () => {
    await making('many')
    const bin = readFileSync(output)
    const sidecar = readFileSync(sidecarPath(output))
    let freshBin = bin
    let freshSidecar = sidecar
    const met = new Set<string>()
    await crashEverywhere({
      root,
      async action() {
        await making('more')
        freshBin = readFileSync(output)
        freshSidecar = readFileSync(sidecarPath(output))
      },
      check(state: DiskState) {
        const found = state.file('pairs.bin')
        const beside = state.file('pairs.bin.json')
        const versions = [
          found?.equals(bin) ? 'old' : found?.equals(freshBin) ? 'fresh' : 'broken',
          beside?.equals(sidecar) ? 'old' : beside?.equals(freshSidecar) ? 'fresh' : 'broken',
        ].join(' ')
        expect(['old old', 'fresh old', 'fresh fresh']).toContain(versions)
        met.add(versions)
      },
      async again() {
        const reading = readBin(output)
        if (readFileSync(output).equals(freshBin) && readFileSync(sidecarPath(output)).equals(sidecar)) {
          await expect(reading).rejects.toThrow(/describes another pairs.bin.*Make the bin again/)
        } else await reading
        await making('more')
        expect(readFileSync(output).equals(freshBin)).toBe(true)
        expect(readFileSync(sidecarPath(output)).equals(freshSidecar)).toBe(true)
        expect(readdirSync(root).sort()).toEqual(['pairs.bin', 'pairs.bin.json'])
      },
    })
    expect([...met].sort()).toEqual(['fresh fresh', 'fresh old', 'old old'])
  })
})

describe('a folder of images, after a power loss at any point', () => {
  const output = join(root, 'faces')
  const rendering = (seed: number) =>
    runStage(synth, synth.options.parse({ identities: 2, images: 1, seed, output }), replacing)
  const extracting = (bin: string) =>
    runStage(bins, bins.options.parse({ extract: join(parent, bin), output }), replacing)
  const unpacking = (dataset: string) =>
    runStage(unpack, unpack.options.parse({ dataset, datasets: inputs, output }), replacing)

  it.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    ['of synth', () => rendering(1), () => rendering(2)],
    ['of bins --extract', () => extracting('a.bin'), () => extracting('b.bin')],
    ['of unpack', () => unpacking('ms1m'), () => unpacking('umd')],
  ])(
    '%s, is the earlier one, the new one or not there, and the run can be done again',
    async (_, before, action) => {
      await before()
      const old = filesBelow(output)
      let fresh = old
      await crashEverywhere({
        root,
        async action() {
          await action()
          fresh = filesBelow(output)
        },
        check(state: DiskState) {
          const found = state.filesBelow('faces')
          if (found !== undefined && differences(found, old).length > 0) {
            expect(differences(found, fresh)).toEqual([])
          }
        },
        async again() {
          await action()
          expect(differences(filesBelow(output), fresh)).toEqual([])
          expect(readdirSync(root)).toEqual(['faces'])
        },
      })
    },
  )
})

describe('checkpoints, after a power loss at any point', () => {
  it('are whole where they stand under their name, the newest or the one before among them', async () => {
    await writing(1)
    await writing(2)
    const whole = new Map<string, Map<string, Buffer>>()
    for (const step of [1, 2]) whole.set(`step-${step}`, filesBelow(join(root, `step-${step}`)))
    await crashEverywhere({
      root,
      async action() {
        await writing(3)
        whole.set('step-3', filesBelow(join(root, 'step-3')))
      },
      check(state: DiskState) {
        const steps = state.folders.filter((folder) => /^step-/.test(folder))
        for (const step of steps) expect(differences(state.filesBelow(step)!, whole.get(step)!)).toEqual([])
        expect(steps.includes('step-2') || steps.includes('step-3')).toBe(true)
      },
      async again() {
        const steps = await checkpointSteps(root)
        await readCheckpoint(root, steps.at(-1)!)
        await removeUnfinished(root)
        await writing(3)
        expect(readdirSync(root).sort()).toEqual(['step-2', 'step-3'])
        expect(differences(filesBelow(join(root, 'step-3')), whole.get('step-3')!)).toEqual([])
      },
    })
  })

  function writing(step: number): Promise<void> {
    const run = newRunState(
      {
        fingerprint: 'f',
        images: 10,
        classes: 3,
        batchSize: 2,
        seed: 1,
        network: '"mbf"',
        optimizer: 'sgd',
        gradientAccumulation: 1,
      },
      { lowering: 'onnxruntime portable', provider: 'cpu', threads: 1 },
    )
    const state = new Map([
      ['backbone.conv.weight', { shape: [2, 1, 1, 1], data: Float32Array.of(step, 1) }],
      ['head.weight', { shape: [3, 2], data: new Float32Array(6).fill(step) }],
      ['optimizer.head.weight.momentum_buffer', { shape: [3, 2], data: new Float32Array(6).fill(-step) }],
    ])
    return writeCheckpoint(
      root,
      { state, run: { ...run, step }, names: ['ann', 'bob', 'cleo'] },
      { height: 112, width: 112 },
      2,
    )
  }
})

describe("a pipeline's lock, after a power loss at any point", () => {
  it('is whole or not there, and the next pipeline takes it', async () => {
    const lock = join(root, '.facedata.lock')
    const acquire = () => lockDatasets(root, 'nightly.yaml', silentLog)
    let held = ''
    await crashEverywhere({
      root,
      async action() {
        const acquired = await acquire()
        held = readFileSync(lock, 'utf8')
        await acquired.release()
      },
      check(state: DiskState) {
        const found = state.file('.facedata.lock')
        if (found !== undefined) expect(found.toString()).toBe(held)
      },
      async again() {
        // No process outlives the power: the one that wrote this lock is gone.
        if (existsSync(lock)) writeFileSync(lock, held.replace(`"pid":${process.pid}`, `"pid":${2 ** 30}`))
        await (await acquire()).release()
        expect(existsSync(lock)).toBe(false)
      },
    })
  })
})
