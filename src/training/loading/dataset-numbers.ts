import type { Log } from '../../progress/progress.js'
import type { TrainingConfig } from '../config/index.js'
import { createSchedule } from '../schedule.js'

/** The keys of a config that upstream needs, for it does not ask the dataset, and those that make its schedule. */
export type TypedNumbers = Pick<
  TrainingConfig,
  'num_classes' | 'num_image' | 'batch_size' | 'num_epoch' | 'warmup_epoch' | 'lr' | 'upstream_warmup'
>

/** Warns where the numbers of a config are not those of the dataset, and says what upstream would make of them. */
export function warnOfTypedNumbers(
  config: TypedNumbers,
  dataset: { classes: number; count: number },
  log: Log,
): void {
  const { num_classes: classes = dataset.classes, num_image: images = dataset.count } = config
  if (classes !== dataset.classes) {
    const effect =
      classes < dataset.classes
        ? `labels from ${classes} up would have no class centre`
        : `${classes - dataset.classes} class centres would have no image`
    log.warn(`${difference('num_classes', classes, dataset.classes)} by the config's, ${effect}`)
  }
  if (images !== dataset.count) {
    log.warn(
      `${difference('num_image', images, dataset.count)} ${scheduleEffect(config, images, dataset.count)}`,
    )
  }
}

function difference(key: string, configured: number, actual: number): string {
  return `${key} is ${configured} in the config and ${actual} in the dataset; the dataset's number is used:`
}

/** Upstream counts the steps of its schedule from `num_image`, and those of an epoch from the images. */
function scheduleEffect(config: TypedNumbers, configured: number, actual: number): string {
  const schedule = (images: number) =>
    createSchedule({
      images,
      batchSize: config.batch_size,
      epochs: config.num_epoch,
      warmupEpochs: config.warmup_epoch,
      rate: config.lr,
      upstreamWarmup: config.upstream_warmup,
    })
  const asked = schedule(configured)
  const { stepsPerEpoch, totalSteps } = schedule(actual)
  if (asked.totalSteps >= totalSteps) {
    const rate = asked.learningRate(totalSteps).toPrecision(3)
    return `by the config's, upstream's learning rate would end at ${rate} and not at 0`
  }
  const epoch = Math.floor(asked.totalSteps / stepsPerEpoch) + 1
  return (
    `by the config's, upstream's learning rate would be 0 from step ${asked.totalSteps} of ${totalSteps} on, ` +
    `in epoch ${epoch} of ${config.num_epoch}`
  )
}
