import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import type { RunStage, StageSource } from '../../src/pipeline/index.js'
import { datasetsOption, option } from '../../src/stages/common-options.js'
import { type AnyStage, defineStage, outputPaths } from '../../src/stages/stage.js'

const schema = z.object({
  inputs: option(z.array(z.string()).default([]), { description: 'what it reads', positional: true }),
  output: option(z.string(), { description: 'what it writes', short: 'o' }),
  'min-images': option(z.number().int().default(1), { description: 'a number', argument: 'N' }),
  datasets: datasetsOption,
})

/**
 * A stage that only has a place in the graph: it reads and writes files below `datasets`. That of name split has a
 * second output, and what train makes depends on the number of threads.
 */
function placeholder(name: string): AnyStage {
  const place = (path: string, datasets: string | undefined) => resolve(datasets ?? 'datasets', path)
  return defineStage<z.output<typeof schema>, null, unknown>({
    name,
    summary: name,
    options: schema,
    inputs: async ({ inputs, datasets }) =>
      inputs.map((path) => ({ path: place(path, datasets), kind: 'file' })),
    output: ({ output, datasets }) => ({
      path: place(output, datasets),
      kind: 'file',
      ...(name === 'split' ? { others: [place(`${output}-val`, datasets)] } : {}),
    }),
    measures: name === 'train' ? ['accuracy'] : ['images'],
    ...(name === 'train' && { wholeMachine: true }),
    plan: async () => Promise.reject(new Error('never planned')),
    work: async () => Promise.reject(new Error('never worked on')),
    finish: async () => Promise.reject(new Error('never finished')),
    describe: (result) => [`made ${String(result)}`],
  })
}

export const stages: StageSource = {
  stageNames: ['pack', 'merge', 'split', 'train'],
  loadStage: async (name) => placeholder(name),
}

/**
 * Does the work of such a stage: the output is its name, its inputs and its number, in words. As many images as there
 * are characters.
 */
export const write: RunStage = async (stage, options, { approve }) => {
  const inputs = (await stage.inputs(options)).map(({ path }) => readFileSync(path, 'utf8'))
  const text = `${stage.name}(${[...inputs, (options as { 'min-images': number })['min-images']].join(' ')})`
  approve(stage.name === 'train' ? { accuracy: 0.9 } : { images: text.length })
  for (const path of outputPaths(stage.output(options))) {
    await mkdir(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return text
}
