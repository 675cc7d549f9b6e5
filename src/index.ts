/**
 * The library: what the command line is made of. Every stage runs through `runStage`, as `facedata` runs it:
 *
 * ```ts
 * const pack = await loadStage('pack')
 * await runStage(pack, pack.options.parse({ inputs: ['/data/umd'], output: 'umd' }), {
 *   jobs: 4, strict: true, replace: false,
 *   log: silentLog, progress: silentProgress, signal: new AbortController().signal,
 * })
 * ```
 */
import './engines/onnxruntime/telemetry.js'

export { type LocalRun, runStage } from './cluster/local.js'
export {
  Dataset,
  type DatasetDescription,
  DatasetWriter,
  type DialectName,
  type Identity,
  type IdentityTable,
  type NewDataset,
  type NewImage,
  publishDataset,
  type RecordTable,
  resolveDataset,
  type SkippedImage,
  type StoredImage,
} from './dataset/index.js'
export {
  BinSource,
  type CachePlaces,
  DatasetSource,
  type EmbeddedBatch,
  EmbeddingCache,
  type EmbeddingModel,
  embedImages,
  type ImageSource,
  openEmbeddingModel,
  type SourceImage,
} from './embeddings/index.js'
export { type Embedder, type EmbedderOptions, openModel } from './engines/index.js'
export {
  DeadlineError,
  ExitCode,
  FacedataError,
  type Fault,
  GuardError,
  InputError,
  InterruptedError,
  LockedError,
  OutputError,
  StrictError,
  UsageError,
} from './errors/index.js'
export { type Handoff, type HandoffOptions, handoff } from './handoff/handoff.js'
export {
  type Centres,
  defaultRule,
  findMatches,
  type IdentityMatch,
  identityCentres,
  type MatchRule,
  NearestSearch,
} from './identities/index.js'
export { Difference } from './inspections/diff/diff.js'
export type {
  DifferenceCounts,
  DiffSide,
  IdentityChange,
  ImageChange,
} from './inspections/diff/difference.js'
export { type Diagnosis, doctor } from './inspections/doctor.js'
export type { BinInspection } from './inspections/inspect/bin.js'
export type { DatasetInspection } from './inspections/inspect/dataset.js'
export { type Inspection, inspect } from './inspections/inspect/inspect.js'
export type { RunInspection } from './inspections/inspect/run.js'
export type { DatasetFault, DatasetVerification, FaultKind } from './inspections/verify/verification.js'
export { type VerifyOptions, verify } from './inspections/verify/verify.js'
export { type CentreDraw, sampleCentres, sampledCentreCount } from './network/index.js'
export type { CommonPerson } from './overlap/common-person.js'
export {
  type CommonImage,
  Overlap,
  type OverlapCounts,
  type OverlapOptions,
} from './overlap/overlap.js'
export {
  loadPipeline,
  type Pipeline,
  type PipelineOutcome,
  type PipelineRun,
  type PipelineSummary,
  type PlannedStep,
  planPipeline,
  runPipeline,
  type StepSummary,
} from './pipeline/index.js'
export { type Advance, type Log, type Progress, silentLog, silentProgress } from './progress/progress.js'
export { RecordReader, RecordWriter } from './recordio/index.js'
export { type Adoption, type AdoptOptions, adopt } from './repairs/adopt/adopt.js'
export { type Reindexing, type ReindexOptions, reindex } from './repairs/reindex/reindex.js'
export { loadStage, stageNames } from './stages/registry.js'
export type { AnyStage, Input, Output, Plan, ShardResult, Stage, StageContext } from './stages/stage.js'
export { renderFace } from './synthesis/index.js'
export { hashOfCentres, type TrainingConfig, trainingConfigSchema } from './training/index.js'
export { evaluateBin, readBin, type Verification, type VerificationBin } from './verification/index.js'
