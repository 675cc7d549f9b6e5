export { createTrainingSession } from './create-training-session.js'
export type { Embedder, EmbedderOptions, OpenedEmbedder, Provider, RuntimeProvider } from './embedder.js'
export { chooseEngine, type EngineChoice } from './engine-choice.js'
export type { Adapter, AdapterAnswer } from './onnxruntime/adapters/adapter.js'
export { findAdapter } from './onnxruntime/adapters/find-adapter.js'
export {
  MEASURED_SIZE,
  type MeasuredAdapter,
  measureAdapter,
} from './onnxruntime/adapters/measure-adapter.js'
export { exportModel, type ModelDescription } from './onnxruntime/export-model.js'
export { chooseLowering, type LoweringChoice } from './onnxruntime/lowering-choice.js'
export { openModel } from './onnxruntime/open-model.js'
export { ProductSession } from './onnxruntime/product-session.js'
export { chooseProvider, type ProviderChoice } from './onnxruntime/provider-choice.js'
export { stateShapes } from './session-checks.js'
export { findTensorFlow, type TensorFlowAnswer } from './tensorflow/addon/index.js'
export type {
  CentrePlace,
  Engine,
  State,
  StateTensor,
  StepResult,
  TrainingBatch,
  TrainingOptions,
  TrainingSession,
} from './training-session.js'
