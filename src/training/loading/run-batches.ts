import type { RunState } from '../checkpoints/run-state.js'
import { augmentationSteps, type TrainingConfig } from '../config/index.js'
import { CentreSampler } from './centre-sampler.js'
import { DistortionSampler } from './distortion-sampler.js'
import { type Batch, Loader } from './loader.js'
import { Sampler } from './sampler.js'
import type { TrainingImages } from './training-images.js'
import { centresOfUpdates } from './update-centres.js'

/** Decodes the batches of a run. */
export function loaderOf(config: TrainingConfig, images: TrainingImages): Loader {
  const { seed, num_workers: workers } = config
  const steps = augmentationSteps(config.augmentation)
  const { flip: _, ...distortions } = steps
  const { height, width } = images
  const distorted = Object.values(distortions).some((step) => step !== undefined)
  return new Loader(
    images,
    samplerOf(config, images),
    workers,
    distorted ? new DistortionSampler({ seed, steps, height, width }) : undefined,
  )
}

/** Draws the class centres of steps where these have not all of them. */
export function centreSamplerOf(
  config: TrainingConfig,
  { classes }: TrainingImages,
): CentreSampler | undefined {
  const { sample_rate: rate, batch_size: batchSize, gradient_acc: batches, seed } = config
  return rate < 1 ? new CentreSampler({ seed, classes, rate, imagesPerStep: batches * batchSize }) : undefined
}

/** The class centres of each step of a run. */
export function centresOfRun(
  centreSampler: CentreSampler,
  config: TrainingConfig,
  images: TrainingImages,
  { shift }: RunState,
): (batch: Batch) => Int32Array {
  // Of its own: the loader's is at another epoch near an epoch's end, and keeps the order of one alone.
  const sampler = samplerOf(config, images)
  return centresOfUpdates(centreSampler, { gradientAccumulation: config.gradient_acc, shift }, (place) =>
    Int32Array.from(sampler.batch(place).positions, (position) => images.labels[position]!),
  )
}

function samplerOf(
  { augmentation, batch_size: batchSize, seed }: TrainingConfig,
  images: TrainingImages,
): Sampler {
  const { flip } = augmentationSteps(augmentation)
  return new Sampler({ images: images.count, batchSize, seed, flip })
}
