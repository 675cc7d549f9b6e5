import { createOnnxruntimeSession } from './onnxruntime/create-training-session.js'
import { createTensorflowSession } from './tensorflow/create-training-session.js'
import type { TrainingOptions, TrainingSession } from './training-session.js'

/**
 * A training session on the engine of the options, its weights initialised from the seed.
 * @throws FacedataError where the engine cannot run the step: it is not installed, or for a provider that this machine
 * lacks
 */
export function createTrainingSession(options: TrainingOptions): Promise<TrainingSession> {
  return options.engine === 'tensorflow'
    ? createTensorflowSession(options)
    : createOnnxruntimeSession(options)
}
