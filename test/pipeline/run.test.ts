import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { ExitCode, InputError, InterruptedError, LockedError, StrictError } from '../../src/errors/index.js'
import { describeTrouble } from '../../src/pipeline/index.js'
import { silentLog } from '../../src/progress/progress.js'
import { noting, outcomes, runFile } from './running.js'
import { write } from './stages.js'
import { useWorkspace } from './workspace.js'

const workspace = useWorkspace()

const lockPath = () => join(workspace.folder, 'datasets', '.facedata.lock')

const threeSteps = () =>
  workspace.pipeline(
    [
      'steps:',
      '  - train: { inputs: [b], output: c }',
      '  - pack: { output: a }',
      '  - merge: { inputs: [a], output: b, strict: true }',
    ].join('\n'),
  )

function holdLock(owner: Record<string, unknown>): void {
  mkdirSync(join(workspace.folder, 'datasets'), { recursive: true })
  writeFileSync(
    lockPath(),
    `${JSON.stringify({ since: '2026-01-02T03:04:05.000Z', runs: 'p.yaml', ...owner })}\n`,
  )
}

/** Tries for the lock in a process of its own: `held`, `locked`, or `overlap` where another holds it at the same time. */
function contend(): Promise<string> {
  const datasets = join(workspace.folder, 'datasets')
  const script = `
    import { mkdirSync, rmdirSync } from 'node:fs'
    import { lockDatasets } from ${JSON.stringify(new URL('../../dist/pipeline/lock.js', import.meta.url).href)}
    const inside = ${JSON.stringify(join(datasets, 'inside'))}
    try {
      const lock = await lockDatasets(${JSON.stringify(datasets)}, 'p.yaml', { info() {}, warn() {} })
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
  it('runs every step after what it reads, replacing outputs, and says what came of it', async () => {
    const runs: unknown[] = []
    const summary = await runFile(threeSteps(), {
      jobs: 4,
      runStage: (stage, options, settings) => {
        const { strict, replace, jobs, mostJobs } = settings
        runs.push([stage.name, { strict, replace, jobs, mostJobs }])
        return write(stage, options, settings)
      },
    })
    expect(runs).toEqual([
      ['pack', { strict: false, replace: true, jobs: 4, mostJobs: 4 }],
      ['merge', { strict: true, replace: true, jobs: 4, mostJobs: 4 }],
      ['train', { strict: false, replace: true, jobs: 4, mostJobs: 4 }],
    ])
    expect(summary.steps).toMatchObject([
      { step: 'a', stage: 'pack', line: 4, outcome: 'done', result: 'pack(1)', counts: { images: 7 } },
      { step: 'b', stage: 'merge', outcome: 'done', described: ['made merge(pack(1) 1)'] },
      { step: 'c', stage: 'train', outcome: 'done', reasons: ['new'], counts: { accuracy: 0.9 } },
    ])
    expect(summary).toMatchObject({ exitCode: 0, warnings: [], host: hostname(), pid: process.pid })
    expect(existsSync(lockPath())).toBe(false)
  })

  it.each([
    ['bad input', new InputError({ problem: 'no images' }), ExitCode.inputData],
    ['something skipped under strict', new StrictError('one image was skipped'), ExitCode.strict],
    ['an error of the program', new TypeError('undefined is not a function'), ExitCode.failed],
  ])('stops what needs a step that fails (%s), and goes on with the others', async (_, error, exitCode) => {
    const path = workspace.pipeline(
      [
        'steps:',
        '  - pack: { output: a }',
        '  - merge: { inputs: [a], output: b }',
        '  - train: { inputs: [b], output: c }',
        '  - train: { inputs: [c], output: d }',
        '  - train: { inputs: [a], output: other }',
      ].join('\n'),
    )
    const warnings: string[] = []
    const summary = await runFile(path, {
      log: { ...silentLog, warn: (message) => warnings.push(message) },
      runStage: async (stage, options, settings) => {
        if (stage.name === 'merge') throw error
        return write(stage, options, settings)
      },
    })
    expect(outcomes(summary)).toEqual(['a: done', 'b: failed', 'c: not run', 'd: not run', 'other: done'])
    expect(summary.exitCode).toBe(exitCode)
    expect(summary.steps[2]!.reasons).toEqual(['it needs b'])
    expect(warnings).toEqual([expect.stringMatching(/line 4: merge b failed: /)])
    expect(warnings[0]).toContain(error.message)
    expect(summary.warnings).toEqual(warnings)
    expect(existsSync(lockPath())).toBe(false)
    expect(describeTrouble(summary, 'summary.json')).toMatch(
      /^.*pipeline.yaml: 1 of 5 steps failed \(exit code \d\). merge b \(line 4\): .*\. Not run: c, d\. What was published before stays\. Summary: summary\.json$/s,
    )
  })

  it('stops between steps when told to', async () => {
    const controller = new AbortController()
    const { ran, runStage } = noting((...words) => {
      controller.abort(new InterruptedError('SIGINT'))
      return write(...words)
    })
    const summary = await runFile(threeSteps(), { signal: controller.signal, runStage })
    expect(ran).toEqual(['a'])
    expect(outcomes(summary)).toEqual(['a: done', 'b: not run', 'c: not run'])
    expect(summary.exitCode).toBe(ExitCode.interrupted)
  })

  it('stops a step that runs at the deadline, starts none after it, and is exit code 6', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    try {
      const { ran, runStage } = noting((_stage, _options, { signal }) => {
        const stopped = new Promise<never>((_, stop) =>
          signal.addEventListener('abort', () => stop(signal.reason)),
        )
        vi.advanceTimersByTime(3_600_000)
        return stopped
      })
      const summary = await runFile(threeSteps(), { deadline: new Date(Date.now() + 3_600_000), runStage })
      expect(ran).toEqual(['a'])
      expect(outcomes(summary)).toEqual(['a: stopped', 'b: not run', 'c: not run'])
      expect(summary.exitCode).toBe(ExitCode.deadline)
      expect(summary.steps[0]!.error).toMatch(/^the deadline .* passed; run the same command again to go on$/)
    } finally {
      vi.useRealTimers()
    }
    expect(outcomes(await runFile(threeSteps()))).toEqual(['a: done', 'b: done', 'c: done'])
  })

  it('is done where the deadline finds nothing left to do', async () => {
    const summary = await runFile(threeSteps(), { deadline: new Date(Date.now() + 60_000) })
    expect(summary.exitCode).toBe(0)
  })
})

describe('the summary', () => {
  const folder = () => join(workspace.folder, 'datasets', '.pipelines', 'runs', 'pipeline')

  it('is written below the datasets folder, one a run, and says why each step ran', async () => {
    const first = await runFile(threeSteps())
    await runFile(threeSteps())
    const files = readdirSync(folder()).sort()
    expect(files).toHaveLength(2)
    const [written, second] = files.map((name) => JSON.parse(readFileSync(join(folder(), name), 'utf8')))
    expect(written).toEqual(first)
    expect(outcomes(second)).toEqual(['a: fresh', 'b: fresh', 'c: fresh'])
    expect(second.steps[0]).toMatchObject({ reasons: [], described: ['made pack(1)'], counts: { images: 7 } })
  })

  it('goes where it is told to, and the newest hundred of the others stay', async () => {
    mkdirSync(folder(), { recursive: true })
    for (let i = 0; i < 110; i++) writeFileSync(join(folder(), `2020-01-01T00-00-00.${100 + i}Z.json`), '{}')
    const file = join(workspace.folder, 'summary.json')
    const summary = await runFile(threeSteps(), { summary: file })
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(summary)
    expect(readdirSync(folder())).toHaveLength(110)
    await runFile(threeSteps())
    expect(readdirSync(folder())).toHaveLength(100)
  })

  it('that cannot be written does not fail the run', async () => {
    const warnings: string[] = []
    writeFileSync(join(workspace.folder, 'file'), '')
    const summary = await runFile(threeSteps(), {
      summary: join(workspace.folder, 'file', 'summary.json'),
      log: { ...silentLog, warn: (message) => warnings.push(message) },
    })
    expect(summary.exitCode).toBe(0)
    expect(warnings).toEqual([expect.stringMatching(/^the summary was not written: cannot write/)])
  })
})

describe('the lock', () => {
  it('keeps a second run out while another process holds it, and names that process', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    try {
      holdLock({ pid: other.pid, host: hostname() })
      const promise = runFile(threeSteps())
      await expect(promise).rejects.toThrow(LockedError)
      await expect(promise).rejects.toMatchObject({ exitCode: ExitCode.locked })
      await expect(promise).rejects.toThrow(
        /p\.yaml is running since 2026-01-02T03:04:05\.000Z \(\d+ days\) as process/,
      )
      await expect(promise).rejects.toThrow(`as process ${other.pid} on ${hostname()}`)
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
    await expect(runFile(threeSteps(), { log })).resolves.toMatchObject({ exitCode: 0 })
    expect(warnings).toEqual([
      expect.stringContaining(`process ${other.pid} on ${hostname()}, which is gone`),
    ])
  })

  it.runIf(existsSync('/proc/self/stat'))(
    'is taken over where the number belongs to a later process',
    async () => {
      holdLock({ pid: process.pid, host: hostname(), started: '1' })
      await expect(runFile(threeSteps())).resolves.toMatchObject({ exitCode: 0 })
    },
  )

  it('is left to a process on another host', async () => {
    holdLock({ pid: 1, host: 'elsewhere' })
    await expect(runFile(threeSteps())).rejects.toThrow(
      /on elsewhere. Its lock is free 2 minutes after its end: .*lock/,
    )
  })

  it('is left alone where it is no lock of ours', async () => {
    mkdirSync(join(workspace.folder, 'datasets'))
    writeFileSync(lockPath(), 'something else')
    await expect(runFile(threeSteps())).rejects.toThrow(LockedError)
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
    let release: () => void = () => {}
    const held = new Promise<void>((done) => (release = done))
    const first = runFile(threeSteps(), {
      runStage: async (...words) => {
        await held
        return write(...words)
      },
    })
    await expect.poll(() => existsSync(lockPath())).toBe(true)
    await expect(runFile(threeSteps())).rejects.toThrow(LockedError)
    release()
    await expect(first).resolves.toMatchObject({ exitCode: 0 })
    await expect(runFile(threeSteps())).resolves.toMatchObject({ exitCode: 0 })
  })
})
