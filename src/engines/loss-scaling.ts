/*
 * Loss scaling of mixed precision, as PyTorch's `torch.cuda.amp.GradScaler` with upstream's growth interval: gradients
 * that float16 would round to 0 are made larger with the loss, by a factor that is found on the way.
 */

/** Where the scaling of a run stands. The names in the state are those below. */
export interface LossScaling {
  /** Factor on the loss, a power of two. */
  scale: number
  /** Updates since the scale changed. */
  growthTracker: number
  /** Updates that were left out, of the whole run. */
  skippedUpdates: number
}

export const LOSS_SCALE = 'optimizer.loss_scale'
export const GROWTH_TRACKER = 'optimizer.growth_tracker'
export const SKIPPED_UPDATES = 'optimizer.skipped_updates'

/** GradScaler's defaults. */
export const INITIAL_LOSS_SCALE = 65536
const GROWTH_FACTOR = 2
const BACKOFF_FACTOR = 0.5

/** Updates in a row without overflow after which the scale grows: that of upstream's `train_v2.py`. */
const GROWTH_INTERVAL = 100

/** Beyond, the factor is no float32. */
const LARGEST_SCALE = 2 ** 127

/** After an update or, where a gradient was no finite number, after one that was left out. */
export function nextScaling(
  { scale, growthTracker, skippedUpdates }: LossScaling,
  overflow: boolean,
): LossScaling {
  if (overflow) {
    return { scale: scale * BACKOFF_FACTOR, growthTracker: 0, skippedUpdates: skippedUpdates + 1 }
  }
  if (growthTracker + 1 < GROWTH_INTERVAL) return { scale, growthTracker: growthTracker + 1, skippedUpdates }
  return { scale: Math.min(scale * GROWTH_FACTOR, LARGEST_SCALE), growthTracker: 0, skippedUpdates }
}
