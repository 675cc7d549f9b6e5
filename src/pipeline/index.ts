export { describePipeline, loadPipeline, type Pipeline, type StageSource } from './pipeline.js'
export { type PipelineRun, runPipeline, type StepResult, selectSteps } from './run.js'
