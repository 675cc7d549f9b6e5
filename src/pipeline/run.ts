import { datasetsFolder } from '../dataset/index.js'
import type { Log } from '../progress/progress.js'
import type { AnyStage } from '../stages/stage.js'
import { stepsUntil } from './graph.js'
import { PipelineLock } from './lock.js'
import type { Pipeline } from './pipeline.js'
import type { Step, StepRun } from './step.js'

export interface PipelineRun {
  /** Runs one stage. Outputs that exist are replaced. */
  runStage(stage: AnyStage, options: unknown, run: StepRun & { replace: true }): Promise<unknown>
  /** Name of the last step wanted: it runs with all that it needs, and the others do not. */
  until?: string
  signal: AbortSignal
  log: Log
}

/** What one step did; `result` is the stage's own. */
export interface StepResult {
  step: string
  stage: string
  /** Undefined where the step publishes nothing. */
  output: string | undefined
  result: unknown
}

/** The steps that a run with this `until` takes, in order. @throws UsageError */
export function selectSteps(pipeline: Pipeline, until: string | undefined): Step[] {
  return until === undefined ? pipeline.steps : stepsUntil(pipeline.path, pipeline.steps, until)
}

/**
 * Runs every step, one after the other, under the lock of the datasets folder, and stops at the first that fails.
 * @throws LockedError where another run holds the lock; the error of the step that failed, with its exit code
 */
export async function runPipeline(pipeline: Pipeline, run: PipelineRun): Promise<StepResult[]> {
  const { log, signal } = run
  const steps = selectSteps(pipeline, run.until)
  const lock = await PipelineLock.acquire(datasetsFolder(pipeline.datasets), pipeline.path, log)
  try {
    const results: StepResult[] = []
    for (const [index, step] of steps.entries()) {
      signal.throwIfAborted()
      log.info(`[${index + 1}/${steps.length}] ${step.stage.name} ${step.name}`, {
        step: step.name,
        stage: step.stage.name,
      })
      const result = await runStep(pipeline, step, steps.slice(index + 1), run)
      for (const line of step.stage.describe(result)) log.info(`  ${line}`)
      results.push({
        step: step.name,
        stage: step.stage.name,
        output: step.output.temporary ? undefined : step.output.path,
        result,
      })
    }
    return results
  } finally {
    await lock.release()
  }
}

async function runStep(pipeline: Pipeline, step: Step, rest: Step[], run: PipelineRun): Promise<unknown> {
  try {
    return await run.runStage(step.stage, step.options, { ...step.run, replace: true })
  } catch (error) {
    const left = rest.length === 0 ? '' : `; not run: ${rest.map(({ name }) => name).join(', ')}`
    run.log.warn(`${pipeline.path}: line ${step.line}: ${step.stage.name} ${step.name} failed${left}`)
    throw error
  }
}
