import { Tensor } from 'onnxruntime-node'
import { GROWTH_TRACKER, LOSS_SCALE, type LossScaling, SKIPPED_UPDATES } from '../loss-scaling.js'
import type { TrainingState } from './training-state.js'

/** A float32 scalar. */
export function scalar(value: number): Tensor {
  return new Tensor('float32', Float32Array.of(value), [])
}

export function readScalar(state: TrainingState, name: string): number {
  return state.get(name).data[0] as number
}

export function writeScalar(state: TrainingState, name: string, value: number): void {
  state.set(name, scalar(value))
}

/** Undefined where nothing is scaled. */
export function readScaling(state: TrainingState): LossScaling | undefined {
  if (!state.has(LOSS_SCALE)) return undefined
  return {
    scale: readScalar(state, LOSS_SCALE),
    growthTracker: readScalar(state, GROWTH_TRACKER),
    skippedUpdates: readScalar(state, SKIPPED_UPDATES),
  }
}

export function writeScaling(state: TrainingState, scaling: LossScaling): void {
  writeScalar(state, LOSS_SCALE, scaling.scale)
  writeScalar(state, GROWTH_TRACKER, scaling.growthTracker)
  writeScalar(state, SKIPPED_UPDATES, scaling.skippedUpdates)
}
