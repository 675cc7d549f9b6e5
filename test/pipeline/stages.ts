import { resolve } from 'node:path'
import { z } from 'zod'
import type { StageSource } from '../../src/pipeline/index.js'
import { datasetsOption, option } from '../../src/stages/common-options.js'
import { type AnyStage, defineStage } from '../../src/stages/stage.js'

const schema = z.object({
  inputs: option(z.array(z.string()).default([]), { description: 'what it reads', positional: true }),
  output: option(z.string(), { description: 'what it writes', short: 'o' }),
  'min-images': option(z.number().int().default(1), { description: 'a number', argument: 'N' }),
  datasets: datasetsOption,
})

/** A stage that only has a place in the graph: paths below `datasets`. That of name split has a second output. */
function placeholder(name: string): AnyStage {
  const place = (path: string, datasets: string | undefined) => resolve(datasets ?? 'datasets', path)
  return defineStage<z.output<typeof schema>, null, unknown>({
    name,
    summary: name,
    options: schema,
    inputs: async ({ inputs, datasets }) =>
      inputs.map((path) => ({ path: place(path, datasets), kind: 'dataset' })),
    output: ({ output, datasets }) => ({
      path: place(output, datasets),
      kind: 'dataset',
      ...(name === 'split' ? { others: [place(`${output}-val`, datasets)] } : {}),
    }),
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
