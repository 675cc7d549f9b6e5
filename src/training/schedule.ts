/** Learning rates of a run: linear warm-up, then linear to 0. */
export interface Schedule {
  /** Full batches in an epoch; the images that are left over are dropped. */
  stepsPerEpoch: number
  /** Steps until the rate reaches 0. */
  totalSteps: number
  warmupSteps: number
  /** Rate that a step uses; steps count from 0. */
  learningRate(step: number): number
}

/**
 * Upstream's `PolynomialLRWarmup` with power 1, in closed form: step k of w warm-up steps uses `rate * k / w`, later
 * ones `rate * (1 - (k - w) / (total - w))`. Upstream's first step uses the full rate (`upstreamWarmup`): PyTorch's
 * scheduler leaves the rate alone before its first own step.
 */
export function createSchedule(options: {
  images: number
  batchSize: number
  epochs: number
  warmupEpochs: number
  rate: number
  upstreamWarmup: boolean
}): Schedule {
  const { rate } = options
  const stepsPerEpoch = Math.floor(options.images / options.batchSize)
  const totalSteps = stepsPerEpoch * options.epochs
  const warmupSteps = stepsPerEpoch * options.warmupEpochs
  return {
    stepsPerEpoch,
    totalSteps,
    warmupSteps,
    learningRate(step) {
      if (step === 0 && options.upstreamWarmup) return rate
      if (step < warmupSteps) return (rate * step) / warmupSteps
      if (step >= totalSteps) return 0
      return rate * (1 - (step - warmupSteps) / (totalSteps - warmupSteps))
    },
  }
}
