export { hashOfCentres } from './centre-sampler.js'
export {
  type LoadedConfig,
  loadConfig,
  type Override,
  parseSetting,
  type TrainingConfig,
  trainingConfigSchema,
  upstreamDefaults,
} from './config/index.js'
export { warnOfTypedNumbers } from './dataset-numbers.js'
export { RunDirectory } from './run-directory.js'
export {
  describeWeights,
  type ExportedWeights,
  exportWeights,
  findWeights,
  type RunWeights,
} from './run-export.js'
export { runTraining, type TrainingSummary } from './training-run.js'
export { findValTargets, type ValTarget, valTargetPlaces } from './val-targets.js'
export { describeFile, type ExportedFile, exportFile, initPlaces, isWeightsFile } from './weights/index.js'
