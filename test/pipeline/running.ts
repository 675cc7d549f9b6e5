import {
  loadPipeline,
  type PipelineRun,
  type PipelineSummary,
  type RunStage,
  runPipeline,
} from '../../src/pipeline/index.js'
import { silentLog } from '../../src/progress/progress.js'
import { stages, write } from './stages.js'

/** Loads and runs a pipeline of placeholders: silent and in one thread, unless told otherwise. */
export async function runFile(
  path: string,
  settings: Partial<PipelineRun> & { environment?: Record<string, string> } = {},
): Promise<PipelineSummary> {
  const { environment, ...others } = settings
  const pipeline = await loadPipeline(path, stages, environment)
  const { summary } = await runPipeline(pipeline, {
    runStage: write,
    jobs: 1,
    signal: new AbortController().signal,
    log: silentLog,
    ...others,
  })
  return summary
}

/** `a: done`, `b: fresh`: what became of each step. */
export function outcomes({ steps }: PipelineSummary): string[] {
  return steps.map(({ step, outcome }) => `${step}: ${outcome}`)
}

/** The steps in the order in which they were run, and a stage runner that notes them. */
export function noting(runStage: RunStage = write): { ran: string[]; runStage: RunStage } {
  const ran: string[] = []
  return {
    ran,
    runStage: (stage, options, settings) => {
      ran.push(settings.step)
      return runStage(stage, options, settings)
    },
  }
}
