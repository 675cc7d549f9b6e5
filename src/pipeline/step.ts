import { basename } from 'node:path'
import { isScalar, parseDocument } from 'yaml'
import { z } from 'zod'
import { describeIssue, expectation, FacedataError, nearestWord, UsageError } from '../errors/index.js'
import type { AnyStage, Input, Output } from '../stages/stage.js'
import { type Expectations, expectedMeasures, expectSchema } from './expectation.js'
import type { PipelineFile, StepSource } from './pipeline-file.js'

/** A stage with checked options and its place in the graph. */
export interface Step {
  /** The output as the pipeline names it. */
  name: string
  line: number
  stage: AnyStage
  options: unknown
  /** How it is run: keys of a step that the command line knows for every stage. */
  run: StepRun
  /** What must hold before it is published. */
  expect: Expectations
  inputs: Input[]
  output: Output
}

export type StepRun = Pick<z.output<typeof stepRunSchema>, 'strict' | 'jobs'>

/** Keys that every step has beside the options of its stage. */
export const stepRunSchema = z.object({
  strict: z.boolean().default(false).meta({
    description: 'anything skipped fails the step with exit code 5, and nothing of it is published',
  }),
  jobs: z.number().int().min(1).optional().meta({
    description: 'worker threads; without it, the share that is free while other steps run',
  }),
  expect: expectSchema.optional().meta({
    description: 'what must hold before the output is published; else the published version stays',
  }),
})

/** @throws UsageError naming file, line and key; what the stage throws about its own inputs */
export async function resolveStep(file: PipelineFile, source: StepSource, stage: AnyStage): Promise<Step> {
  const known = [...Object.keys(stage.options.shape), ...Object.keys(stepRunSchema.shape)]
  const place = (key: string | undefined): string =>
    `${file.path}: line ${source.lines.get(key ?? '') ?? source.line}: ${source.stage}: `
  for (const key of Object.keys(source.options)) {
    if (key === 'replace') throw new UsageError(`${place(key)}replace is implied in a pipeline; leave it out`)
    if (known.includes(key)) continue
    throw new UsageError(
      `${place(key)}unknown option "${key}". The nearest valid option is "${nearestWord(key, known)}"`,
    )
  }
  const { strict, jobs, expect, ...written } = typed(source, {
    ...stage.options.shape,
    ...stepRunSchema.shape,
  })
  const defaults =
    file.datasets !== undefined && known.includes('datasets') ? { datasets: file.datasets } : {}
  const options = check(stage.options, { ...defaults, ...written }, place)
  const run = check(stepRunSchema, { strict, jobs, expect }, place)
  const expectations = run.expect ?? {}
  for (const [measure] of expectedMeasures(expectations)) {
    if (stage.measures?.includes(measure)) continue
    const has = stage.measures?.join(', ') ?? 'none'
    throw new UsageError(
      `${place(`expect.${measure}`)}expect: ${stage.name} has no ${measure}. What can be expected of it: ${has}`,
    )
  }
  try {
    const output = stage.output(options)
    const inputs = await stage.inputs(options)
    const name = typeof written['output'] === 'string' ? written['output'] : basename(output.path)
    return {
      name,
      line: source.line,
      stage,
      options,
      run: { strict: run.strict, jobs: run.jobs },
      expect: expectations,
      inputs,
      output,
    }
  } catch (error) {
    if (error instanceof UsageError)
      throw new UsageError(`${place(undefined)}${error.message}`, { cause: error })
    if (error instanceof FacedataError) {
      throw new FacedataError(`${place(undefined)}${error.message}`, error.exitCode, { cause: error })
    }
    throw error
  }
}

/** The options as written; text with variables is read as a number or a switch where the option is one. */
function typed({ options, expanded }: StepSource, shape: Record<string, z.ZodType>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => {
      const schema = shape[key]
      if (schema === undefined || !expanded.has(key) || schema.safeParse(value).success) return [key, value]
      const read = scalarOf(String(value))
      return [key, schema.safeParse(read).success ? read : value]
    }),
  )
}

/** What the text would be without quotes in a YAML file; the text itself where that is no YAML. */
function scalarOf(text: string): unknown {
  const document = parseDocument(text)
  return document.errors.length === 0 && isScalar(document.contents) ? document.contents.value : text
}

function check<T>(
  schema: z.ZodType<T>,
  values: Record<string, unknown>,
  place: (key: string | undefined) => string,
): T {
  const parsed = schema.safeParse(values, { error: expectation })
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  if (issue.path[0] === undefined) throw new UsageError(`${place(undefined)}${issue.message}`)
  const [outer, inner] = issue.path.map(String)
  const key = outer === 'expect' && inner !== undefined ? `${outer}.${inner}` : outer
  throw new UsageError(`${place(key)}${key}: ${describeIssue(issue, values)}`)
}
