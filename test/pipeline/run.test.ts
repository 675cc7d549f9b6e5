import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ExitCode, InputError, LockedError, StrictError } from '../../src/errors/index.js'
import { loadPipeline, type Pipeline, type PipelineRun, runPipeline } from '../../src/pipeline/index.js'
import { silentLog } from '../../src/progress/progress.js'
import { stages } from './stages.js'
import { useWorkspace } from './workspace.js'

const workspace = useWorkspace()

const lockPath = () => join(workspace.folder, 'datasets', '.facedata.lock')

const threeSteps = () =>
  loadPipeline(
    workspace.pipeline(
      [
        'steps:',
        '  - train: { inputs: [b], output: c }',
        '  - pack: { output: a }',
        '  - merge: { inputs: [a], output: b, strict: true }',
      ].join('\n'),
    ),
    stages,
  )

function run(pipeline: Pipeline, settings: Partial<PipelineRun> = {}) {
  return runPipeline(pipeline, {
    runStage: async (stage) => stage.name,
    signal: new AbortController().signal,
    log: silentLog,
    ...settings,
  })
}

function holdLock(owner: Record<string, unknown>): void {
  mkdirSync(join(workspace.folder, 'datasets'), { recursive: true })
  writeFileSync(
    lockPath(),
    `${JSON.stringify({ since: '2026-01-02T03:04:05.000Z', pipeline: 'p.yaml', ...owner })}\n`,
  )
}

/** Tries for the lock in a process of its own: `held`, `locked`, or `overlap` where another holds it at the same time. */
function contend(): Promise<string> {
  const datasets = join(workspace.folder, 'datasets')
  const script = `
    import { mkdirSync, rmdirSync } from 'node:fs'
    import { PipelineLock } from ${JSON.stringify(new URL('../../dist/pipeline/lock.js', import.meta.url).href)}
    const inside = ${JSON.stringify(join(datasets, 'inside'))}
    try {
      const lock = await PipelineLock.acquire(${JSON.stringify(datasets)}, 'p.yaml', { info() {}, warn() {} })
      mkdirSync(inside)
      await new Promise((done) => setTimeout(done, 20))
      rmdirSync(inside)
      await lock.release()
      console.log('held')
    } catch (error) {
      console.log(error.exitCode === 4 ? 'locked' : error.code === 'EEXIST' ? 'overlap' : error.stack)
    }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script])
  let answer = ''
  child.stdout.on('data', (chunk) => (answer += chunk))
  return new Promise((done) => child.on('close', () => done(answer.trim())))
}

describe('runPipeline', () => {
  it('runs every step in order, replacing outputs, and returns their results', async () => {
    const runs: unknown[] = []
    const results = await run(await threeSteps(), {
      runStage: async (stage, _options, settings) => {
        runs.push([stage.name, settings])
        return stage.name.toUpperCase()
      },
    })
    expect(runs).toEqual([
      ['pack', { strict: false, replace: true }],
      ['merge', { strict: true, replace: true }],
      ['train', { strict: false, replace: true }],
    ])
    expect(results.map(({ step, stage, result }) => [step, stage, result])).toEqual([
      ['a', 'pack', 'PACK'],
      ['b', 'merge', 'MERGE'],
      ['c', 'train', 'TRAIN'],
    ])
    expect(existsSync(lockPath())).toBe(false)
  })

  it.each([
    ['bad input', new InputError({ problem: 'no images' }), ExitCode.inputData],
    ['something skipped under strict', new StrictError('one image was skipped'), ExitCode.strict],
  ])(
    'stops at the first failure (%s) with its error, and gives the lock back',
    async (_, error, exitCode) => {
      const ran: string[] = []
      const warnings: string[] = []
      const promise = run(await threeSteps(), {
        log: { ...silentLog, warn: (message) => warnings.push(message) },
        runStage: async (stage) => {
          ran.push(stage.name)
          if (stage.name === 'merge') throw error
          return null
        },
      })
      await expect(promise).rejects.toBe(error)
      expect(error.exitCode).toBe(exitCode)
      expect(ran).toEqual(['pack', 'merge'])
      expect(warnings).toEqual([expect.stringMatching(/line 5: merge b failed; not run: c$/)])
      expect(existsSync(lockPath())).toBe(false)
    },
  )

  it('stops between steps when told to', async () => {
    const controller = new AbortController()
    const ran: string[] = []
    const promise = run(await threeSteps(), {
      signal: controller.signal,
      runStage: async (stage) => {
        ran.push(stage.name)
        controller.abort(new Error('stopped'))
        return null
      },
    })
    await expect(promise).rejects.toThrow('stopped')
    expect(ran).toEqual(['pack'])
  })
})

describe('the lock', () => {
  it('keeps a second run out while another process holds it, and names that process', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    try {
      holdLock({ pid: other.pid, host: hostname() })
      const promise = run(await threeSteps())
      await expect(promise).rejects.toThrow(LockedError)
      await expect(promise).rejects.toMatchObject({ exitCode: ExitCode.locked })
      await expect(promise).rejects.toThrow(
        `p.yaml is running since 2026-01-02T03:04:05.000Z as process ${other.pid} on ${hostname()}`,
      )
      expect(existsSync(lockPath())).toBe(true)
    } finally {
      other.kill()
    }
  })

  it('is taken over from a process that is gone, which is said', async () => {
    const other = spawn(process.execPath, ['-e', ''])
    await new Promise((done) => other.on('exit', done))
    holdLock({ pid: other.pid, host: hostname() })
    const warnings: string[] = []
    const log = { ...silentLog, warn: (message: string) => void warnings.push(message) }
    await expect(run(await threeSteps(), { log })).resolves.toHaveLength(3)
    expect(warnings).toEqual([expect.stringContaining(`process ${other.pid}, which is gone`)])
  })

  it.runIf(existsSync('/proc/self/stat'))(
    'is taken over where the number belongs to a later process',
    async () => {
      holdLock({ pid: process.pid, host: hostname(), started: '1' })
      await expect(run(await threeSteps())).resolves.toHaveLength(3)
    },
  )

  it('is left to a process on another host', async () => {
    holdLock({ pid: 1, host: 'elsewhere' })
    await expect(run(await threeSteps())).rejects.toThrow(
      /on elsewhere. If that host no longer runs it, remove .*lock/,
    )
  })

  it('is left alone where it is no lock of ours', async () => {
    mkdirSync(join(workspace.folder, 'datasets'))
    writeFileSync(lockPath(), 'something else')
    await expect(run(await threeSteps())).rejects.toThrow(LockedError)
    expect(readFileSync(lockPath(), 'utf8')).toBe('something else')
  })

  it('lets in one at a time of many processes that all find a dead lock', async () => {
    const gone = spawn(process.execPath, ['-e', ''])
    await new Promise((done) => gone.on('exit', done))
    holdLock({ pid: gone.pid, host: hostname() })
    const answers = await Promise.all(Array.from({ length: 5 }, () => contend()))
    expect(answers).toContain('held')
    expect(answers.filter((answer) => answer !== 'held' && answer !== 'locked')).toEqual([])
    expect(existsSync(lockPath())).toBe(false)
  })

  it('lets one of two runs in at a time', async () => {
    const pipeline = await threeSteps()
    let release: (value: null) => void = () => {}
    const first = run(pipeline, { runStage: () => new Promise((done) => (release = done)) })
    await expect.poll(() => existsSync(lockPath())).toBe(true)
    await expect(run(pipeline)).rejects.toThrow(LockedError)
    const letGo = setInterval(() => release(null), 1)
    await expect(first).resolves.toHaveLength(3)
    clearInterval(letGo)
    await expect(run(pipeline)).resolves.toHaveLength(3)
  })
})
