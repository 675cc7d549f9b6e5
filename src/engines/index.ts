export type { Embedder, EmbedderOptions, Provider } from './embedder.js'
export type {
  State,
  StateTensor,
  StepResult,
  TrainingBatch,
  TrainingOptions,
  TrainingSession,
} from './training-session.js'
