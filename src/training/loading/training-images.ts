import type { Dataset } from '../../dataset/index.js'
import { InputError, UsageError } from '../../errors/index.js'
import type { Log } from '../../progress/progress.js'
import type { IdentityNames } from '../checkpoints/identity-names.js'
import type { TrainingConfig } from '../config/index.js'

/** The images of a dataset as training sees them: columns over positions. */
export interface TrainingImages {
  /** The `.rec` file. */
  path: string
  count: number
  /** `num_classes`. */
  classes: number
  height: number
  width: number
  keys: Float64Array
  labels: Int32Array
  offsets: Float64Array
  /** Payload bytes of each record. */
  lengths: Uint32Array
  fingerprint: string
  /** Of the identities by label. */
  names: IdentityNames
}

/**
 * Reads the columns of a dataset and checks that it can be trained on.
 * @throws InputError for a label out of range, UsageError for less than one batch of images
 */
export async function readTrainingImages(
  dataset: Dataset,
  config: Pick<TrainingConfig, 'batch_size'>,
  log: Log,
): Promise<TrainingImages> {
  const { height, width, identityCount: classes, imageCount } = dataset
  const path = dataset.files.records
  if (height === 0 || width === 0) {
    throw new InputError({
      file: path,
      problem: 'neither property nor the first image tells the size of the images',
    })
  }
  if (imageCount < config.batch_size) {
    throw new UsageError(
      `${path} has ${imageCount} images, less than one batch of batch_size ${config.batch_size}`,
    )
  }
  if (dataset.description === undefined)
    log.info(`${path} has no manifest: reading it once to find its images`)
  const { keys, labels, offsets, lengths } = await dataset.table()
  const outside = labels.findIndex((label) => label < 0 || label >= classes)
  if (outside !== -1) {
    throw new InputError({
      file: path,
      record: keys[outside]!,
      offset: offsets[outside]!,
      problem: 'the label has no identity in this dataset',
      expected: `0 to ${classes - 1}`,
      actual: labels[outside]!,
    })
  }
  const fingerprint = await dataset.fingerprint()
  const names = await dataset.identityNames()
  return {
    path,
    count: imageCount,
    classes,
    height,
    width,
    keys,
    labels,
    offsets,
    lengths,
    fingerprint,
    names,
  }
}
