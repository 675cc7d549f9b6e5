/**
 * Pipelines: YAML files of steps, of which those run whose artifact is not fresh. `loadPipeline` reads and checks one,
 * `planPipeline` says what would run and why, `runPipeline` runs it and leaves a summary.
 */
export { parseDeadline } from './deadline.js'
export { pipelineJsonSchema } from './json-schema.js'
export { loadPipeline, type Pipeline, type StageSource } from './pipeline.js'
export { describePlan, type PlannedStep, planPipeline } from './plan.js'
export {
  type PipelineOutcome,
  type PipelineRun,
  type PipelineSelection,
  runPipeline,
} from './run.js'
export type { RunStage, StageSettings } from './step-runner.js'
export {
  describeTrouble,
  type Outcome,
  type PipelineSummary,
  type StepSummary,
  summaryTable,
} from './summary.js'
