import { UsageError } from '../errors/index.js'
import type { Backbone } from '../network/index.js'
import { stateLayout } from './state-layout.js'
import type { State, TrainingBatch, TrainingOptions } from './training-session.js'

/** Bytes of one image. */
export function imageLengthOf({ inputSize: { height, width } }: Backbone): number {
  return 3 * height * width
}

/** @throws UsageError for sizes that make no training */
export function checkOptions(options: TrainingOptions): void {
  const { batchSize, classes, sampledCentres, gradientAccumulation = 1 } = options
  if (!Number.isInteger(batchSize) || batchSize < 2) {
    throw new UsageError(`batch_size must be a whole number from 2 on, not ${batchSize}`)
  }
  if (!Number.isInteger(classes) || classes < 1) {
    throw new UsageError(`training needs at least one identity, not ${classes}`)
  }
  if (!Number.isInteger(gradientAccumulation) || gradientAccumulation < 1) {
    throw new UsageError(`gradient_acc must be a whole number from 1 on, not ${gradientAccumulation}`)
  }
  if (sampledCentres !== undefined && !(sampledCentres >= 1 && sampledCentres <= classes)) {
    throw new UsageError(`a step can work with 1 to ${classes} class centres, not ${sampledCentres}`)
  }
}

/** Names and shapes of every tensor in the state of such a session. */
export function stateShapes(options: TrainingOptions): Map<string, readonly number[]> {
  return new Map(stateLayout(options).map(({ name, parameter }) => [name, parameter.shape]))
}

/** @throws UsageError for a name that the network lacks or another shape */
export function checkState(state: State, shapes: ReadonlyMap<string, readonly number[]>): void {
  for (const [name, { shape, data }] of state) {
    const expected = shapes.get(name)
    if (expected === undefined) throw new UsageError(`state: the network has no ${name}`)
    const count = expected.reduce((product, size) => product * size, 1)
    if (`${shape}` !== `${expected}` || data.length !== count) {
      throw new UsageError(
        `state: ${name} must have shape [${expected}], ${count} values; it has [${shape}], ${data.length} values`,
      )
    }
  }
}

/** @throws UsageError for a batch of another size, a label or class centres out of range */
export function checkBatch(
  { images, labels, centres }: TrainingBatch,
  { batchSize, classes, sampledCentres }: TrainingOptions,
  imageLength: number,
): void {
  if (images.length !== batchSize * imageLength || labels.length !== batchSize) {
    throw new UsageError(
      `step: a batch must be ${batchSize} images of ${imageLength} bytes and as many labels; ` +
        `it is ${images.length} bytes and ${labels.length} labels`,
    )
  }
  const outside = labels.find((label) => label < 0 || label >= classes)
  if (outside !== undefined) {
    throw new UsageError(`step: label ${outside} is outside the ${classes} identities of the head`)
  }
  if (centres?.length !== sampledCentres) {
    throw new UsageError(
      `step: the session works with ${sampledCentres ?? 'all'} class centres a step; ` +
        `the batch names ${centres?.length ?? 'none'}`,
    )
  }
  const disordered = centres?.findIndex((centre, index) => {
    return centre <= (index === 0 ? -1 : centres[index - 1]!) || centre >= classes
  })
  if (disordered !== undefined && disordered !== -1) {
    throw new UsageError(
      `step: class centres must ascend from 0 to ${classes - 1}; number ${disordered} is ${centres![disordered]}`,
    )
  }
}

/** @throws UsageError where the bytes are no whole number of images */
export function checkImages(images: Uint8Array, imageLength: number): void {
  if (images.length % imageLength === 0) return
  throw new UsageError(`embed: ${images.length} bytes are no whole number of images of ${imageLength}`)
}
