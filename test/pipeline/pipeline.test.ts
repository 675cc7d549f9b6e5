import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InputError, UsageError } from '../../src/errors/index.js'
import { describePlan, loadPipeline, type PipelineSelection, planPipeline } from '../../src/pipeline/index.js'
import { loadStage, stageNames } from '../../src/stages/registry.js'
import { stages } from './stages.js'
import { useWorkspace } from './workspace.js'

const workspace = useWorkspace()

const load = (text: string) => loadPipeline(workspace.pipeline(text), stages)

const plan = async (text: string, selection: Partial<PipelineSelection> = {}) =>
  planPipeline(await load(text), { signal: new AbortController().signal, ...selection })

const names = async (text: string) => (await load(text)).steps.map(({ name }) => name)

/** Nine lists of nine of the one before: 387 million words. */
function bomb(): string {
  const lists = Array.from({ length: 9 }, (_, i) => {
    const items = i === 0 ? Array(9).fill('x') : Array(9).fill(`*l${i - 1}`)
    return `&l${i} [${items.join(', ')}]`
  })
  return `[${lists.join(', ')}]`
}

describe('the order of steps', () => {
  it('follows what they read and write, and the file where they do not depend on each other', async () => {
    const text = [
      'steps:',
      '  - train: { inputs: [umd+ms1m, umd+ms1m/lfw.bin], output: run }',
      '  - merge: { inputs: [umd, ms1m], output: umd+ms1m }',
      '  - pack: { output: ms1m }',
      '  - pack: { output: umd }',
      '  - pack: { output: alone }',
      '  - pack: { output: umd+ms1m/lfw.bin }',
    ].join('\n')
    expect(await names(text)).toEqual(['ms1m', 'umd', 'umd+ms1m', 'alone', 'umd+ms1m/lfw.bin', 'run'])
  })

  it('knows all that a step writes', async () => {
    const text = [
      'steps:',
      '  - train: { inputs: [part-val/lfw.bin], output: run }',
      '  - split: { inputs: [umd], output: part }',
      '  - pack: { output: umd }',
    ].join('\n')
    expect(await names(text)).toEqual(['umd', 'part', 'run'])
    expect(describePlan(await plan(text)).filter((line) => /writes .*part/.test(line))).toEqual([
      expect.stringMatching(/writes {2}file .*part$/),
      expect.stringMatching(/writes {2}file .*part-val$/),
    ])
    const twice = load(`${text}\n  - pack: { output: part-val }`)
    await expect(twice).rejects.toThrow(/pack writes .*part-val, which the step in line 4 writes too/)
  })

  it('takes a name for the dataset that a step makes of a folder of this name', async () => {
    const here = process.cwd()
    process.chdir(workspace.folder)
    try {
      mkdirSync('umd')
      const text = ['steps:', '  - shuffle: { dataset: umd }', '  - pack: { inputs: [umd], output: umd }']
      const pipeline = await loadPipeline(workspace.pipeline(text.join('\n')), { stageNames, loadStage })
      expect(pipeline.steps.map(({ stage, inputs }) => [stage.name, inputs[0]!.path])).toEqual([
        ['pack', join(process.cwd(), 'umd')],
        ['shuffle', join(workspace.folder, 'datasets', 'umd')],
      ])
    } finally {
      process.chdir(here)
    }
  })

  it('has a folder written to before it is read as a whole', async () => {
    const text = [
      'steps:',
      `  - pack: { inputs: [${workspace.folder}/faces], output: all }`,
      `  - synth: { output: ${workspace.folder}/faces/a, identities: 2, images: 1 }`,
      `  - synth: { output: ${workspace.folder}/faces/b, identities: 2, images: 1 }`,
    ].join('\n')
    const { steps } = await loadPipeline(workspace.pipeline(text), { stageNames, loadStage })
    expect(steps.map(({ stage }) => stage.name)).toEqual(['synth', 'synth', 'pack'])
  })

  it('refuses an output inside a folder that another step replaces as a whole', async () => {
    const text = [
      'steps:',
      `  - synth: { output: ${workspace.folder}/faces, identities: 2, images: 1 }`,
      `  - synth: { output: ${workspace.folder}/faces/more, identities: 2, images: 1 }`,
    ].join('\n')
    const promise = loadPipeline(workspace.pipeline(text), { stageNames, loadStage })
    await expect(promise).rejects.toThrow(UsageError)
    await expect(promise).rejects.toThrow(
      /line 4: synth writes .*faces\/more, inside of .*faces, which the step in line 3 replaces as a whole/,
    )
  })

  it('refuses a cycle and names the steps in it', async () => {
    const text = [
      'steps:',
      '  - pack: { output: first }',
      '  - merge: { inputs: [first, b], output: a }',
      '  - merge: { inputs: [a], output: b }',
    ].join('\n')
    await expect(load(text)).rejects.toThrow(
      /steps wait for each other: a \(line 4\) needs b \(line 5\) needs a/,
    )
    await expect(load('steps:\n  - merge: { inputs: [a], output: a }')).rejects.toThrow(/wait for each other/)
  })

  it('refuses two steps that write the same output', async () => {
    const promise = load('steps:\n  - pack: { output: a }\n  - merge: { output: ./a }')
    await expect(promise).rejects.toThrow(UsageError)
    await expect(promise).rejects.toThrow(/line 4: merge writes .*a, which the step in line 3 writes too/)
  })

  it('refuses an input that is not there and that no step writes', async () => {
    const promise = load('steps:\n  - pack: { output: a }\n  - merge: { inputs: [a, gone], output: b }')
    await expect(promise).rejects.toThrow(InputError)
    await expect(promise).rejects.toThrow(/line 4: merge reads the file .*gone, which does not exist/)
  })

  it('runs until a step with all that it needs', async () => {
    const text = [
      'steps:',
      '  - pack: { output: other }',
      '  - pack: { output: a }',
      '  - merge: { inputs: [a], output: b }',
      '  - train: { inputs: [b], output: c }',
    ].join('\n')
    expect((await plan(text, { until: 'b' })).map(({ step }) => step)).toEqual(['a', 'b'])
    await expect(plan(text, { until: 'd' })).rejects.toThrow(/no step "d". Steps: other, a, b, c/)
  })

  it('is shown with what each step reads and writes', async () => {
    const text = [
      'steps:',
      '  - merge: { inputs: [a], output: b, expect: { images: ">= 0.5 of current", free: ">= 1 MB" } }',
      '  - pack: { output: a }',
    ].join('\n')
    const datasets = join(workspace.folder, 'datasets')
    expect(describePlan(await plan(text))).toEqual([
      '1. pack a: runs: new',
      `     writes  file ${datasets}/a`,
      '2. merge b: runs: new; follows a, which will run',
      `     reads   file ${datasets}/a`,
      `     writes  file ${datasets}/b`,
      '     expects images >= 0.5 of current',
      '     expects free >= 1 MB',
    ])
  })
})

describe('a pipeline file', () => {
  it('passes checked options on, with datasets as their default', async () => {
    const { steps, name } = await load(
      [
        'name: nightly',
        'steps:',
        '  - pack: { output: a, min-images: 3, strict: true, jobs: 2 }',
        '  - pack: { output: b, datasets: elsewhere }',
      ].join('\n'),
    )
    expect(name).toBe('nightly')
    expect(steps[0]).toMatchObject({
      options: { output: 'a', 'min-images': 3, datasets: join(workspace.folder, 'datasets') },
      run: { strict: true, jobs: 2 },
    })
    expect(steps[1]).toMatchObject({ options: { datasets: 'elsewhere' }, run: { strict: false } })
  })

  it.each([
    ['an unknown key', 'step: []', /line 2: unknown key "step". The nearest valid key is "steps"/],
    [
      'an unknown option',
      'steps:\n  - pack:\n      output: a\n      min-image: 3',
      /line 5: pack: unknown option "min-image". The nearest valid option is "min-images"/,
    ],
    [
      'a value of the wrong type',
      'steps:\n  - pack:\n      output: a\n      min-images: many',
      /line 5: pack: min-images: expected a number, found 'many'$/,
    ],
    [
      'an option that is missing',
      'steps:\n  - pack: { min-images: 2 }',
      /line 3: pack: output: expected a text$/,
    ],
    ['a tab', 'steps:\n\t- pack: { output: a }', /line 3: Tabs are not allowed as indentation$/],
    [
      'an unknown stage',
      'steps:\n  - merg: { output: a }',
      /line 3: there is no stage "merg". The nearest is "merge"/,
    ],
    [
      'two stages in one step',
      'steps:\n  - pack: { output: a }\n    merge: { output: b }',
      /line 3: expected one stage/,
    ],
    ['options that are no map', 'steps:\n  - pack: a', /line 3: pack: expected a map of options/],
    ['no steps', 'steps: []', /line 2: steps: expected a list of steps/],
    ['no steps at all', 'name: x', /line 1: steps: expected a list of steps/],
    ['YAML that is broken', 'steps:\n  - pack: { output: a', /line [34]: /],
    ['a key twice', 'steps:\n  - pack:\n      output: a\n      output: b', /line 5: Map keys must be unique/],
    ['replace', 'steps:\n  - pack: { output: a, replace: true }', /line 3: pack: replace is implied/],
    ['jobs below one', 'steps:\n  - pack: { output: a, jobs: 0 }', /line 3: pack: jobs: /],
    [
      'an expectation that is no comparison',
      'steps:\n  - pack:\n      output: a\n      expect:\n        images: many',
      /line 6: pack: expect.images: expected a comparison, such as ">= 5000".*, found 'many'$/,
    ],
    [
      'an expectation of what the stage has not',
      'steps:\n  - pack:\n      output: a\n      expect:\n        accuracy: ">= 0.9"',
      /line 6: pack: expect: pack has no accuracy. What can be expected of it: images/,
    ],
    [
      'an expectation of nothing',
      'steps:\n  - pack: { output: a, expect: { image: ">= 3" } }',
      /line 3: pack: expect: unknown key "image"$/,
    ],
    ['a name that is no text', 'name: [a]\nsteps:\n  - pack: { output: a }', /line 2: name: expected text/],
    [
      'an option with a dot that begins like one that there is',
      'steps:\n  - pack:\n      output: a\n      inputs.first: b',
      /line 5: pack: unknown option "inputs.first". The nearest valid option is "inputs"/,
    ],
    [
      'an option without a value',
      'steps:\n  - pack: { inputs, output: a }',
      /line 3: pack: inputs: expected a list, found nothing$/,
    ],
    ['an alias of nothing', 'steps:\n  - pack: { output: *gone }', /line 3: .*gone/],
    [
      'aliases that grow without end',
      `steps:\n  - pack:\n      output: a\n      inputs: ${bomb()}`,
      /line 5: pack: inputs: .*alias/,
    ],
    ['several documents', 'steps:\n  - pack: { output: a }\n---\nsteps: []', /line 4: .*one document/],
  ])('refuses %s, naming file and line', async (_, text, message) => {
    const promise = load(text)
    await expect(promise).rejects.toThrow(UsageError)
    await expect(promise).rejects.toThrow(/pipeline\.yaml: line/)
    await expect(promise).rejects.toThrow(message)
  })
})
