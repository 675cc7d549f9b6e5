import { basename } from 'node:path'
import { z } from 'zod'
import { FacedataError, nearestWord, UsageError } from '../errors/index.js'
import type { AnyStage, Input, Output } from '../stages/stage.js'
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
  inputs: Input[]
  output: Output
}

export type StepRun = z.output<typeof stepRunSchema>

const stepRunSchema = z.object({
  /** Anything skipped stops the pipeline with exit code 5, and nothing of the step is published. */
  strict: z.boolean().default(false),
  /** Worker threads; without it, as many as the pipeline may use. */
  jobs: z.number().int().min(1).optional(),
})

/** @throws UsageError naming file, line and key; what the stage throws about its own inputs */
export async function resolveStep(file: PipelineFile, source: StepSource, stage: AnyStage): Promise<Step> {
  const { strict, jobs, ...written } = source.options
  const known = [...Object.keys(stage.options.shape), ...Object.keys(stepRunSchema.shape)]
  const place = (key: string | undefined): string =>
    `${file.path}: line ${source.lines.get(key ?? '') ?? source.line}: ${source.stage}: `
  for (const key of source.lines.keys()) {
    if (key === 'replace') throw new UsageError(`${place(key)}replace is implied in a pipeline; leave it out`)
    if (known.includes(key)) continue
    throw new UsageError(
      `${place(key)}unknown option "${key}". The nearest valid option is "${nearestWord(key, known)}"`,
    )
  }
  const defaults =
    file.datasets !== undefined && known.includes('datasets') ? { datasets: file.datasets } : {}
  const options = check(stage.options, { ...defaults, ...written }, place)
  const run = check(stepRunSchema, { strict, jobs }, place)
  try {
    const output = stage.output(options)
    const inputs = await stage.inputs(options)
    const name = typeof written['output'] === 'string' ? written['output'] : basename(output.path)
    return { name, line: source.line, stage, options, run, inputs, output }
  } catch (error) {
    if (error instanceof UsageError)
      throw new UsageError(`${place(undefined)}${error.message}`, { cause: error })
    if (error instanceof FacedataError) {
      throw new FacedataError(`${place(undefined)}${error.message}`, error.exitCode, { cause: error })
    }
    throw error
  }
}

function check<T>(
  schema: z.ZodType<T>,
  values: Record<string, unknown>,
  place: (key: string | undefined) => string,
): T {
  const parsed = schema.safeParse(values)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  const key = issue.path[0] === undefined ? undefined : String(issue.path[0])
  throw new UsageError(`${place(key)}${key === undefined ? '' : `${key}: `}${issue.message}`)
}
