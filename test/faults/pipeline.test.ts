import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { loadPipeline, type PipelineSummary, type RunStage, runPipeline } from '../../src/pipeline/index.js'
import { silentLog, silentProgress } from '../../src/progress/progress.js'
import { Random } from '../../src/random/random.js'
import { loadStage, stageNames } from '../../src/stages/registry.js'
import type { DiskState } from '../io/crash-model.js'
import { outcomes } from '../pipeline/running.js'
import { aligned } from '../stages/pack/packing.js'
import { countWrites, facedata, stoppedAtWrite } from './command-line.js'
import { crashEverywhere, differences, filesBelow } from './every-crash.js'
import { memoryFolder } from './memory-folder.js'
import { versionFiles, wholeFingerprint } from './published.js'

/** Points at which the command is killed, spread over the writes of all its steps. */
const POINTS = 6

const parent = memoryFolder()
const photos = join(parent, 'photos')

async function writePhotos(night: number, folder = photos): Promise<void> {
  for (const [i, path] of ['a/ann/1', 'a/ann/2', 'a/bob/1', 'b/eve/1', 'b/eve/2', 'b/zoe/1'].entries()) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    const file = join(folder, `${path}.jpg`)
    // Of the second collection nothing changes.
    if (path.startsWith('b') && existsSync(file)) continue
    writeFileSync(file, await aligned(60 + i + 10 * night))
  }
}

const pipelineOf = (datasets: string) =>
  [
    `datasets: ${datasets}`,
    'steps:',
    `  - pack: { inputs: [${photos}/a], output: a, size: 16 }`,
    `  - pack: { inputs: [${photos}/b], output: b, size: 16 }`,
    '  - merge: { inputs: [a, b], output: ab }',
    '  - shuffle: { dataset: ab, output: mixed }',
    '',
  ].join('\n')

const names = ['a', 'b', 'ab', 'mixed']

const running: RunStage = (stage, options, { step: _, mostJobs, ...settings }) =>
  runStage(stage, options, { ...settings, shardsFor: mostJobs, progress: silentProgress })

async function run(path: string, runStage: RunStage = running): Promise<PipelineSummary> {
  const pipeline = await loadPipeline(path, { stageNames, loadStage })
  const signal = new AbortController().signal
  return (await runPipeline(pipeline, { runStage, jobs: 1, signal, log: silentLog })).summary
}

describe('a pipeline that is killed', () => {
  const folder = join(parent, 'killed')
  const datasets = join(folder, 'datasets')
  const file = join(folder, 'nightly.yaml')
  const words = ['run', file, '--jobs', '1']
  const published = (name: string) => join(datasets, name)

  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    writeFileSync(file, pipelineOf(datasets))
  })

  it(`at ${POINTS} of its writes, leaves every dataset whole, and run again ends as if nothing had been`, async () => {
    await writePhotos(1)
    await run(file)
    const old = new Map<string, string>()
    for (const name of names) old.set(name, await wholeFingerprint(published(name)))
    execFileSync('cp', ['-a', datasets, join(folder, 'yesterday')])
    const reset = () => {
      rmSync(datasets, { recursive: true })
      execFileSync('cp', ['-a', join(folder, 'yesterday'), datasets])
    }
    await writePhotos(2)
    const writes = await countWrites(words)
    const fresh = new Map(names.map((name) => [name, versionFiles(published(name))]))
    const random = new Random(23)
    const met = new Set<string>()
    for (let point = 0; point < POINTS; point++) {
      reset()
      const write = 1 + Math.floor((writes * (point + random.uniform())) / POINTS)
      const ended = await stoppedAtWrite('SIGKILL', write, words)
      expect(ended, `write ${write} of ${writes}`).toMatchObject({ signal: 'SIGKILL' })
      for (const name of names) {
        const isOld = (await wholeFingerprint(published(name))) === old.get(name)
        if (!isOld) expect(differences(versionFiles(published(name)), fresh.get(name)!)).toEqual([])
        met.add(`${name} ${isOld ? 'old' : 'fresh'}`)
      }
      const again = await facedata(words)
      expect(again, `after a kill at write ${write}`).toMatchObject({ code: 0 })
      expect(again.stderr).toContain('pack b: fresh')
      for (const name of names) {
        expect(differences(versionFiles(published(name)), fresh.get(name)!)).toEqual([])
      }
      expect(outcomes(await run(file))).toEqual(names.map((name) => `${name}: fresh`))
    }
    expect(met.size).toBeGreaterThan(names.length)
  }, 240_000)

  it('keeps what is published where a later step fails', async () => {
    await writePhotos(1)
    await run(file)
    const before = await wholeFingerprint(published('mixed'))
    await writePhotos(2)
    const summary = await run(file, async (stage, options, settings) => {
      if (stage.name === 'merge') throw new Error('killed')
      return running(stage, options, settings)
    })
    expect(outcomes(summary)).toEqual(['a: done', 'b: fresh', 'ab: failed', 'mixed: not run'])
    expect(await wholeFingerprint(published('mixed'))).toBe(before)
    expect(outcomes(await run(file))).toEqual(['a: fresh', 'b: fresh', 'ab: done', 'mixed: done'])
  })

  it('finds what the disk damaged since last night by its hash, and makes it again', async () => {
    await writePhotos(1)
    await run(file)
    const whole = versionFiles(published('ab'))
    const records = join(published('ab'), 'train.rec')
    const bytes = readFileSync(records)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(records, bytes)
    const summary = await run(file)
    expect(outcomes(summary)).toEqual(['a: fresh', 'b: fresh', 'ab: done', 'mixed: fresh'])
    expect(summary.steps[2]!.reasons).toEqual([`artifact is not what the last run wrote: ${published('ab')}`])
    expect(differences(versionFiles(published('ab')), whole)).toEqual([])
    await wholeFingerprint(published('ab'))
  })
})

describe('a pipeline, after a power loss at any point', () => {
  const root = join(parent, 'root')
  const datasets = join(root, 'datasets')
  const file = join(root, 'nightly.yaml')
  const output = join(datasets, 'a')

  it('has the earlier version or the new one, whole, and never takes the one for the other', async () => {
    mkdirSync(root)
    writeFileSync(
      file,
      `datasets: ${datasets}\nsteps:\n  - pack: { inputs: [${photos}/a], output: a, size: 16 }\n`,
    )
    await writePhotos(1)
    await run(file)
    const old = filesBelow(output)
    await writePhotos(2)
    let fresh = old
    const met = { old: 0, fresh: 0 }
    await crashEverywhere({
      root,
      async action() {
        expect(outcomes(await run(file))).toEqual(['a: done'])
        fresh = filesBelow(output)
      },
      check(state: DiskState) {
        const found = state.filesBelow('datasets/a') ?? new Map()
        const isFresh = differences(found, fresh).length === 0
        if (!isFresh) expect(differences(found, old)).toEqual([])
        met[isFresh ? 'fresh' : 'old']++
      },
      async again() {
        leaveToTheDead(join(datasets, '.facedata.lock'))
        const isFresh = differences(filesBelow(output), fresh).length === 0
        const [first] = outcomes(await run(file))
        if (!isFresh) expect(first).toBe('a: done')
        expect(differences(filesBelow(output), fresh)).toEqual([])
        expect(outcomes(await run(file))).toEqual(['a: fresh'])
      },
    })
    expect(Math.min(met.old, met.fresh)).toBeGreaterThan(0)
  }, 120_000)

  /** No process outlives the power: the one that wrote this lock is gone. */
  function leaveToTheDead(lock: string): void {
    if (!existsSync(lock)) return
    writeFileSync(lock, readFileSync(lock, 'utf8').replace(`"pid":${process.pid}`, `"pid":${2 ** 30}`))
  }
})

const disk = mkdtempSync(join(tmpdir(), 'facedata-pipeline-disk-'))
const mounted = mountTmpfs()
afterAll(() => {
  if (mounted) execFileSync('umount', [disk])
  rmSync(disk, { recursive: true, force: true })
})

/** A disk of some kilobytes in memory: false where this process may not mount. */
function mountTmpfs(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!mounted)('a pipeline on a full disk (needs the right to mount a tmpfs)', () => {
  const datasets = join(disk, 'datasets')
  const file = join(parent, 'full.yaml')

  it('fails where it fills up; every dataset is whole, and with more room the run ends well', async () => {
    writeFileSync(file, pipelineOf(datasets))
    await writePhotos(1)
    await run(file)
    await writePhotos(2)
    const kilobytes = Number(execFileSync('df', ['-k', '--output=used', disk]).toString().split('\n')[1])
    let failed = 0
    for (let room = 0; ; room += 40) {
      execFileSync('mount', ['-o', `remount,size=${kilobytes + room}k`, disk])
      const summary = await run(file).catch((error: unknown) => error as Error)
      for (const name of names) await wholeFingerprint(join(datasets, name))
      if (summary instanceof Error) {
        // Not even the lock had room.
        expect(summary.message).toMatch(/the disk is full/)
        continue
      }
      if (summary.exitCode === 0) break
      failed++
      const errors = summary.steps.flatMap(({ error }) => error ?? [])
      for (const error of errors) expect(error).toMatch(/the disk is full\. Free|the disk of .* has .* free/)
    }
    expect(failed).toBeGreaterThan(1)
    execFileSync('mount', ['-o', 'remount,size=64m', disk])
    expect(outcomes(await run(file))).toEqual(names.map((name) => `${name}: fresh`))
    expect(readdirSync(datasets).sort()).toEqual(['.pipelines', '.versions', ...names].sort())
  }, 60_000)
})
