import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { ExitCode } from '../../src/errors/index.js'
import { loadPipeline, planPipeline } from '../../src/pipeline/index.js'
import { noting, outcomes, runFile } from './running.js'
import { stages, write } from './stages.js'
import { useWorkspace } from './workspace.js'

const workspace = useWorkspace()

const datasets = () => join(workspace.folder, 'datasets')
const at = (name: string) => join(datasets(), name)

/** Two branches: x becomes a, y becomes b, both become ab, and b alone c. */
const twoBranches = (options: { a?: string; b?: string } = {}) =>
  workspace.pipeline(
    [
      'steps:',
      `  - pack: { inputs: [x], output: a${options.a ?? ''} }`,
      `  - pack: { inputs: [y], output: b${options.b ?? ''} }`,
      '  - merge: { inputs: [a, b], output: ab }',
      '  - merge: { inputs: [b], output: c }',
    ].join('\n'),
  )

beforeEach(() => {
  mkdirSync(datasets())
  writeFileSync(at('x'), 'x')
  writeFileSync(at('y'), 'y')
})

async function reasons(path: string): Promise<Record<string, string[]>> {
  const pipeline = await loadPipeline(path, stages)
  const planned = await planPipeline(pipeline, { signal: new AbortController().signal })
  return Object.fromEntries(planned.map(({ step, reasons }) => [step, reasons]))
}

describe('a second run', () => {
  it('runs nothing where nothing changed', async () => {
    await runFile(twoBranches())
    const { ran, runStage } = noting()
    expect(outcomes(await runFile(twoBranches(), { runStage }))).toEqual([
      'a: fresh',
      'b: fresh',
      'ab: fresh',
      'c: fresh',
    ])
    expect(ran).toEqual([])
  })

  it('runs what depends on an input that changed, and nothing else', async () => {
    await runFile(twoBranches())
    writeFileSync(at('x'), 'other')
    expect(await reasons(twoBranches())).toEqual({
      a: [`inputs changed: ${at('x')}`],
      b: [],
      ab: ['follows a, which will run'],
      c: [],
    })
    const summary = await runFile(twoBranches())
    expect(outcomes(summary)).toEqual(['a: done', 'b: fresh', 'ab: done', 'c: fresh'])
    expect(summary.steps.map(({ reasons }) => reasons)).toEqual([
      [`inputs changed: ${at('x')}`],
      [],
      [`inputs changed: ${at('a')}`],
      [],
    ])
    expect(readFileSync(at('ab'), 'utf8')).toBe('merge(pack(other 1) pack(y 1) 1)')
    expect(outcomes(await runFile(twoBranches()))).toContain('ab: fresh')
  })

  it('leaves alone what depends on a step that made the same again', async () => {
    await runFile(twoBranches())
    const { ran, runStage } = noting()
    const summary = await runFile(twoBranches(), { force: ['b'], runStage })
    expect(ran).toEqual(['b'])
    expect(summary.steps[1]!.reasons).toEqual(['forced'])
    expect(outcomes(summary)).toEqual(['a: fresh', 'b: done', 'ab: fresh', 'c: fresh'])
    await expect(runFile(twoBranches(), { force: ['d'] })).rejects.toThrow(/--force: there is no step "d"/)
  })

  it.each<[string, () => void, string, RegExp]>([
    ['an option that changed', () => {}, ', min-images: 2', /^options changed: min-images$/],
    ['strict, which was not asked for before', () => {}, ', strict: true', /^options changed: strict$/],
    ['an artifact that is missing', () => rmSync(at('b')), '', /^artifact missing: .*\/b$/],
    [
      'an artifact that was damaged',
      () => writeFileSync(at('b'), 'pack(y 2)'),
      '',
      /^artifact is not what the last run wrote: .*\/b$/,
    ],
    [
      'another version of facedata',
      () => rewrite('b', 'tool', 'facedata 0.0.1'),
      '',
      /^tool version changed: facedata 0\.0\.1, now/,
    ],
    [
      'a record that is lost',
      () => rmSync(recordOf('b')),
      '',
      /^.*\/b stands there, and no run wrote down how it was made$/,
    ],
    [
      'a record that is damaged',
      () => writeFileSync(recordOf('b'), '{'),
      '',
      /^.*\/b stands there, and no run/,
    ],
    ['a record of another form', () => rewrite('b', 'format', 2), '', /^.*\/b stands there, and no run/],
  ])('finds %s', async (_, disturb, option, reason) => {
    await runFile(twoBranches())
    const whole = readFileSync(at('b'), 'utf8')
    disturb()
    const path = twoBranches({ b: option })
    const planned = await reasons(path)
    expect(planned['a']).toEqual([])
    expect(planned['b']).toEqual([expect.stringMatching(reason)])
    const summary = await runFile(path)
    const changed = option.includes('min-images')
    expect(outcomes(summary)).toEqual(
      changed
        ? ['a: fresh', 'b: done', 'ab: done', 'c: done']
        : ['a: fresh', 'b: done', 'ab: fresh', 'c: fresh'],
    )
    if (!changed) expect(readFileSync(at('b'), 'utf8')).toBe(whole)
    expect((await runFile(path)).steps.every(({ outcome }) => outcome === 'fresh')).toBe(true)
  })

  it('reads what has another time, and takes the same bytes for the same', async () => {
    await runFile(twoBranches())
    utimesSync(at('b'), 1, 1)
    utimesSync(at('y'), 1, 1)
    expect((await runFile(twoBranches())).steps.every(({ outcome }) => outcome === 'fresh')).toBe(true)
  })

  it('with --rehash, finds what kept its size and time', async () => {
    await runFile(twoBranches())
    const record = JSON.parse(readFileSync(recordOf('b'), 'utf8'))
    writeFileSync(at('b'), 'pack(z 1)')
    // As if the disk had damaged the file: nothing that the system tells of it changed.
    utimesSync(at('b'), 5, 5)
    record.outputs[0].state = await stateNow(at('b'))
    writeFileSync(recordOf('b'), JSON.stringify(record))
    const others = [recordOf('ab'), recordOf('c')]
    for (const file of others) {
      const other = JSON.parse(readFileSync(file, 'utf8'))
      for (const input of other.inputs) if (input.path === at('b')) input.state = record.outputs[0].state
      writeFileSync(file, JSON.stringify(other))
    }
    expect(outcomes(await runFile(twoBranches()))).toContain('b: fresh')
    expect(outcomes(await runFile(twoBranches(), { reread: true }))).toContain('b: done')
    expect(readFileSync(at('b'), 'utf8')).toBe('pack(y 1)')
  })

  it('goes on with what a failed run left', async () => {
    const failing = await runFile(twoBranches(), {
      runStage: async (stage, options, settings) => {
        if (settings.step === 'b') throw new Error('no disk')
        return write(stage, options, settings)
      },
    })
    expect(outcomes(failing)).toEqual(['a: done', 'b: failed', 'ab: not run', 'c: not run'])
    expect(outcomes(await runFile(twoBranches()))).toEqual(['a: fresh', 'b: done', 'ab: done', 'c: done'])
  })

  it('sees in the next night what changed while a step ran', async () => {
    await runFile(twoBranches(), {
      runStage: async (stage, options, settings) => {
        const result = await write(stage, options, settings)
        if (settings.step === 'a') writeFileSync(at('x'), 'changed meanwhile')
        return result
      },
    })
    expect(outcomes(await runFile(twoBranches()))).toEqual(['a: done', 'b: fresh', 'ab: done', 'c: fresh'])
    expect(readFileSync(at('ab'), 'utf8')).toContain('changed meanwhile')
  })

  it('takes only what a step needs, with --until', async () => {
    await runFile(twoBranches())
    writeFileSync(at('x'), 'other')
    writeFileSync(at('y'), 'other')
    expect(outcomes(await runFile(twoBranches(), { until: 'c' }))).toEqual(['b: done', 'c: done'])
  })
})

describe('a dry run', () => {
  it('writes nothing, and says of a step without an artifact that it is new', async () => {
    expect(await reasons(twoBranches())).toEqual({
      a: ['new'],
      b: ['new'],
      ab: ['new', 'follows a, b, which will run'],
      c: ['new', 'follows b, which will run'],
    })
    expect(readdirSync(datasets()).sort()).toEqual(['x', 'y'])
  })
})

describe('a guard', () => {
  const guarded = (expectation: string) =>
    workspace.pipeline(
      [
        'steps:',
        `  - pack: { inputs: [x], output: a, expect: { images: "${expectation}" } }`,
        '  - pack: { inputs: [y], output: b }',
        '  - merge: { inputs: [a], output: c }',
        '  - merge: { inputs: [b], output: d }',
      ].join('\n'),
    )

  it.each([
    ['>= 0.98 of current', /images: expected >= 0\.98 of current \(108 now\), found 9/],
    ['>= 100', /images: expected >= 100, found 9/],
    ['> 9', /images: expected > 9, found 9/],
  ])('%s leaves what is published, stops what depends on it, and nothing else', async (guard, error) => {
    writeFileSync(at('x'), 'x'.repeat(100))
    await runFile(guarded(guard))
    const published = readFileSync(at('a'), 'utf8')
    expect(published).toHaveLength(108)
    writeFileSync(at('x'), 'x')
    writeFileSync(at('y'), 'z')
    for (const _night of [1, 2]) {
      const summary = await runFile(guarded(guard))
      expect(outcomes(summary)).toEqual([
        'a: failed',
        expect.stringMatching(/^b: /),
        'c: not run',
        expect.stringMatching(/^d: /),
      ])
      expect(summary.exitCode).toBe(ExitCode.failed)
      expect(summary.steps[0]!.error).toMatch(error)
      expect(readFileSync(at('a'), 'utf8')).toBe(published)
      expect(readFileSync(at('d'), 'utf8')).toBe('merge(pack(z 1) 1)')
    }
    writeFileSync(at('x'), 'y'.repeat(100))
    expect(outcomes(await runFile(guarded(guard)))).toEqual(['a: done', 'b: fresh', 'c: done', 'd: fresh'])
  })

  it('of current has nothing to compare the first version with', async () => {
    expect(outcomes(await runFile(guarded('>= 0.98 of current')))[0]).toBe('a: done')
  })

  it('that is made stricter judges a fresh artifact too, without making it again', async () => {
    await runFile(guarded('>= 5'))
    const { ran, runStage } = noting()
    const summary = await runFile(guarded('>= 10'), { runStage })
    expect(ran).toEqual([])
    expect(outcomes(summary)).toEqual(['a: failed', 'b: fresh', 'c: not run', 'd: fresh'])
    expect(summary.steps[0]!.error).toBe('images: expected >= 10, found 9')
    expect((await runFile(guarded('>= 9'))).exitCode).toBe(0)
  })

  it('on free space stops a step before it begins', async () => {
    const path = workspace.pipeline('steps:\n  - pack: { output: a, expect: { free: ">= 900000 TB" } }')
    const { ran, runStage } = noting()
    const summary = await runFile(path, { runStage })
    expect(ran).toEqual([])
    expect(summary.steps[0]!.error).toMatch(/^the disk of .*\/a has .* free, and >= 900000 TB is expected/)
    expect(existsSync(at('a'))).toBe(false)
  })
})

function recordOf(step: string): string {
  const folder = join(datasets(), '.pipelines', 'steps')
  const name = readdirSync(folder).find((file) => new RegExp(`^\\w+-${step}-`).test(file))
  return join(folder, name!)
}

function rewrite(step: string, key: string, value: unknown): void {
  const record = JSON.parse(readFileSync(recordOf(step), 'utf8'))
  writeFileSync(recordOf(step), JSON.stringify({ ...record, [key]: value }))
}

async function stateNow(path: string): Promise<string> {
  const { contentOf } = await import('../../src/pipeline/contents/content.js')
  return (await contentOf({ path, kind: 'file' }))!.state
}
