import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InputError, UsageError } from '../../src/errors/index.js'
import { describePlan, loadPipeline, planPipeline } from '../../src/pipeline/index.js'
import { Redaction } from '../../src/pipeline/redaction.js'
import { silentLog } from '../../src/progress/progress.js'
import { runFile } from './running.js'
import { stages } from './stages.js'
import { useWorkspace } from './workspace.js'

const workspace = useWorkspace()

const optionsOf = async (text: string, environment: Record<string, string>) =>
  (await loadPipeline(workspace.pipeline(text), stages, environment)).steps[0]

describe('variables in a pipeline', () => {
  it('are filled in from the environment, with their defaults', async () => {
    const text = [
      'steps:',
      '  - pack:',
      '      output: ${KIND}-${DATE:-today}${EMPTY:-}',
      '      min-images: ${LEAST:-3}',
      '      strict: ${STRICT}',
      '      jobs: ${JOBS}',
    ].join('\n')
    expect(await optionsOf(text, { KIND: 'photos', STRICT: 'true', JOBS: '2', EMPTY: '' })).toMatchObject({
      name: 'photos-today',
      options: { output: 'photos-today', 'min-images': 3 },
      run: { strict: true, jobs: 2 },
    })
    expect(
      (await optionsOf(text, { KIND: '7', STRICT: 'false', JOBS: '1', LEAST: '5' }))!.options,
    ).toMatchObject({
      output: '7-today',
      'min-images': 5,
    })
  })

  it('are text where text is asked for, and $${ is no variable', async () => {
    expect((await optionsOf('steps:\n  - pack: { output: "${N}" }', { N: '12' }))!.name).toBe('12')
    expect((await optionsOf('steps:\n  - pack: { output: "$${N}" }', {}))!.name).toBe('${N}')
  })

  it.each([
    [
      'one that is missing',
      '  - pack:\n      output: ${GONE}',
      /line 4: output: the environment has no variable GONE\. Set it, or give a default: \$\{GONE:-default\}/,
    ],
    [
      'one in a list',
      '  - pack:\n      output: a\n      inputs:\n        - ${GONE}',
      /line 6: inputs: the environment has no variable GONE/,
    ],
    ['no name', '  - pack:\n      output: ${1}', /line 4: output: \$\{1\} names no variable/],
    [
      'one that does not end',
      '  - pack:\n      output: "${NAME"',
      /line 4: output: \$\{NAME names no variable/,
    ],
    [
      'one without quotes between braces',
      '  - pack: { output: ${NAME} }',
      /line 3: .*A \$\{NAME\} between braces or brackets needs quotes/,
    ],
    [
      'a number that is none',
      '  - pack:\n      output: a\n      min-images: ${NAME}',
      /line 5: pack: min-images: expected a number, found '\$\{NAME\}'$/,
    ],
    [
      'a number that is no YAML either',
      '  - pack:\n      output: a\n      min-images: ${BROKEN}',
      /line 5: pack: min-images: expected a number, found /,
    ],
  ])('refuses %s, naming file, line and key', async (_, step, message) => {
    const promise = optionsOf(`steps:\n${step}`, { NAME: 'name', BROKEN: '[1' })
    await expect(promise).rejects.toThrow(UsageError)
    await expect(promise).rejects.toThrow(message)
  })
})

describe('a value from the environment', () => {
  const secret = 'hunter2-token'
  const text = [
    'steps:',
    '  - pack: { output: "${TOKEN}-a" }',
    '  - merge: { inputs: ["${TOKEN}-a"], output: b }',
  ]

  it('is shown by its name in log, plan, errors and summary', async () => {
    const path = workspace.pipeline(text.join('\n'))
    const environment = { TOKEN: secret }
    const lines: string[] = []
    const names: string[] = []
    const note = (message: string, fields?: unknown) => void lines.push(message, JSON.stringify(fields ?? ''))
    const summary = await runFile(path, {
      environment,
      log: { info: note, warn: note },
      runStage: async (stage, options, settings) => {
        names.push(settings.step)
        settings.log.warn(`cannot read ${stage.output(options).path}`)
        throw new InputError({ file: stage.output(options).path, problem: 'is bad' })
      },
    })
    const plan = await planPipeline(await loadPipeline(path, stages, environment), {
      signal: new AbortController().signal,
    })
    const runs = join(workspace.folder, 'datasets', '.pipelines', 'runs', 'pipeline')
    const written = readFileSync(join(runs, readdirSync(runs)[0]!), 'utf8')
    expect(names).toEqual(['${TOKEN}-a'])
    for (const shown of [lines.join('\n'), JSON.stringify(summary), written, describePlan(plan).join('\n')]) {
      expect(shown).toContain('${TOKEN}-a')
      expect(shown).not.toContain(secret)
    }
    expect(lines.some((line) => line.includes('cannot read') && line.includes('/${TOKEN}-a'))).toBe(true)
  })

  it('is not in the errors of loading', async () => {
    const path = workspace.pipeline(['steps:', '  - merge: { inputs: ["${TOKEN}"], output: b }'].join('\n'))
    const error = await loadPipeline(path, stages, { TOKEN: secret }).catch((cause: Error) => cause)
    expect((error as Error).message).toMatch(/merge reads the file .*\/\$\{TOKEN\}, which does not exist/)
    expect((error as Error).stack).not.toContain(secret)
    // What --json prints of it.
    expect(JSON.stringify((error as InputError).fault)).not.toContain(secret)
  })

  it('is found in what is told, and not in the names that stand for values', () => {
    const redaction = new Redaction(
      new Map([
        ['DATA_DIR', '/mnt/photos'],
        ['KIND', 'DATA'],
      ]),
    )
    expect(redaction.text('/mnt/photos/DATA')).toBe('${DATA_DIR}/${KIND}')
  })

  it('is not in the records of steps where it is an option alone', async () => {
    const path = workspace.pipeline('steps:\n  - pack: { output: a, min-images: "${TOKEN}" }')
    await runFile(path, {
      environment: { TOKEN: '987654' },
      log: silentLog,
      runStage: async (stage, options) => {
        const { writeFileSync } = await import('node:fs')
        writeFileSync(stage.output(options).path, 'a')
        return 1
      },
    })
    const folder = join(workspace.folder, 'datasets', '.pipelines', 'steps')
    expect(readFileSync(join(folder, readdirSync(folder)[0]!), 'utf8')).not.toContain('987654')
  })
})
