export {
  type LoadedConfig,
  loadConfig,
  type Override,
  parseSetting,
  type TrainingConfig,
  trainingConfigSchema,
  upstreamDefaults,
} from './config/index.js'
export { hashOfCentres } from './loading/centre-sampler.js'
export { warnOfTypedNumbers } from './loading/dataset-numbers.js'
export { RunDirectory } from './run-directory.js'
export { runTraining, type TrainingSummary } from './training-run.js'
export { findValTargets, type ValTarget, valTargetPlaces } from './watching/val-targets.js'
export { describeFile, type ExportedFile, exportFile, initPlaces, isWeightsFile } from './weights/index.js'
export {
  describeWeights,
  type ExportedWeights,
  exportWeights,
  findWeights,
  type RunWeights,
} from './weights/run-export.js'
