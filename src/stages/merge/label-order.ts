import { type Dataset, type DescribedImage, groupedBatches } from '../../dataset/index.js'
import { InputError } from '../../errors/index.js'

/** Images of one input, one after another. */
export interface InputBatch {
  /** Position of the input. */
  input: number
  images: DescribedImage[]
}

/**
 * The images of all inputs in the order of their new labels. Each input is read from front to back where its labels
 * keep their order among themselves; an input is begun when its first label is due.
 * @param labels by input: the new label of each of its labels; -1 for one that is left out, whose images come too
 * @throws as `groupedBatches`, and InputError where an insightface dataset is not in the order of labels
 */
export async function* inLabelOrder(
  inputs: Dataset[],
  labels: Int32Array[],
  signal?: AbortSignal,
): AsyncGenerator<InputBatch> {
  const streams = inputs.map((input, i) => new InputStream(input, ranksOf(labels[i]!), signal))
  try {
    for (;;) {
      const due = streams.reduce((a, b) => (b.next < a.next ? b : a))
      if (due.next === Number.POSITIVE_INFINITY) return
      const others = streams.filter((stream) => stream !== due).map(({ next }) => next)
      const images = await due.imagesUpTo(Math.min(...others))
      if (images.length > 0) yield { input: streams.indexOf(due), images }
    }
  } finally {
    for (const stream of streams) await stream.close()
  }
}

/** The labels as places in the order: one that is left out comes with the label before it. */
function ranksOf(labels: Int32Array): Int32Array {
  let last = Math.max(0, labels.find((label) => label >= 0) ?? 0)
  return labels.map((label) => (last = label < 0 ? last : label))
}

/** The images of one input by their new labels. */
class InputStream {
  /** No image that is still to come has a smaller label; at the end it is infinite. */
  next: number
  readonly #input: Dataset
  readonly #labels: Int32Array
  readonly #batches: AsyncGenerator<DescribedImage[]>
  #batch: DescribedImage[] = []
  #at = 0
  #last = 0

  constructor(input: Dataset, labels: Int32Array, signal: AbortSignal | undefined) {
    this.#input = input
    this.#labels = labels
    this.#batches = groupedBatches(input, signal, labels)
    this.next = labels.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  }

  /** The images up to the end of the batch, or to one whose label is above `limit`. */
  async imagesUpTo(limit: number): Promise<DescribedImage[]> {
    if (this.#at === this.#batch.length) await this.#advance()
    const start = this.#at
    for (; this.#at < this.#batch.length; this.#at++) {
      const image = this.#batch[this.#at]!
      const label = this.#labels[image.label]!
      if (label < this.next) throw outOfOrder(this.#input, image, this.#last)
      this.next = label
      this.#last = image.label
      if (label > limit) break
    }
    if (start === 0 && this.#at === this.#batch.length) return this.#batch
    return this.#batch.slice(start, this.#at)
  }

  async close(): Promise<void> {
    await this.#batches.return(undefined)
  }

  async #advance(): Promise<void> {
    const { done, value } = await this.#batches.next()
    this.#batch = done === true ? [] : value
    this.#at = 0
    if (done === true) this.next = Number.POSITIVE_INFINITY
  }
}

function outOfOrder(input: Dataset, { key, offset, label }: DescribedImage, before: number): InputError {
  return new InputError({
    file: input.files.records,
    record: key,
    offset,
    problem: 'the images are not in the order of labels, as the insightface dialect has them',
    expected: `label ${before} or above`,
    actual: label,
    fix: 'Merge with --dialect im2rec.',
  })
}
