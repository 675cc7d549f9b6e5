import { Tensor } from 'onnxruntime-node'
import { elementCount } from '../../network/index.js'

/**
 * A state tensor of which a step works with some rows: [rows, size] float32 in memory that threads share, so that it
 * is neither copied into the graph nor on its way to a checkpoint.
 */
export class RowTable {
  readonly shape: readonly number[]
  readonly #rowLength: number
  readonly #fill: ((values: Float32Array) => void) | undefined
  #values: Float32Array | undefined

  /**
   * `fill` gives the values before training; zeros, without it. It is called when they are first needed: not where
   * others are loaded.
   */
  constructor(shape: readonly number[], fill?: (values: Float32Array) => void) {
    this.shape = shape
    this.#rowLength = elementCount(shape.slice(1))
    this.#fill = fill
  }

  /** All of it, not a copy. */
  get values(): Float32Array {
    if (this.#values === undefined) {
      this.#values = sharedFloats(elementCount(this.shape))
      this.#fill?.(this.#values)
    }
    return this.#values
  }

  /** Takes values over; those in memory of one thread alone are copied. */
  load(values: Float32Array): void {
    if (values.buffer instanceof SharedArrayBuffer) {
      this.#values = values
      return
    }
    this.#values ??= sharedFloats(values.length)
    this.#values.set(values)
  }

  /** A copy of these rows, [rows.length, size]. */
  gather(rows: Int32Array): Tensor {
    const { values } = this
    const length = this.#rowLength
    const gathered = new Float32Array(rows.length * length)
    rows.forEach((row, index) => {
      gathered.set(values.subarray(row * length, (row + 1) * length), index * length)
    })
    return new Tensor('float32', gathered, [rows.length, ...this.shape.slice(1)])
  }

  /** Puts new values in the place of these rows, and frees the tensor. */
  scatter(rows: Int32Array, tensor: Tensor): void {
    const scattered = tensor.data as Float32Array
    const { values } = this
    const length = this.#rowLength
    rows.forEach((row, index) => {
      values.set(scattered.subarray(index * length, (index + 1) * length), row * length)
    })
    tensor.dispose()
  }
}

function sharedFloats(count: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(count * Float32Array.BYTES_PER_ELEMENT))
}
