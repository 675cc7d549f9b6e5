import { type InferenceSession, Tensor } from 'onnxruntime-node'
import type { OnnxModel } from '../../onnx/index.js'
import { createRuntimeSession } from './runtime.js'

/** Multiplies rows of vectors by rows of vectors, in the calling thread alone. */
export class ProductSession {
  readonly #session: InferenceSession
  readonly #size: number

  private constructor(session: InferenceSession, size: number) {
    this.#session = session
    this.#size = size
  }

  /** @param size numbers of a vector */
  static async open(size: number): Promise<ProductSession> {
    return new ProductSession(
      await createRuntimeSession(product(size), { provider: 'cpu', threads: 1 }),
      size,
    )
  }

  /** Dot products [rows, columns] of `a` [rows, size] with `b` [columns, size]; both are only read. */
  async multiply(a: Float32Array, b: Float32Array): Promise<Float32Array> {
    const tensor = (data: Float32Array) => new Tensor('float32', data, [data.length / this.#size, this.#size])
    const { products } = await this.#session.run({ a: tensor(a), b: tensor(b) })
    return products!.data as Float32Array
  }

  async close(): Promise<void> {
    await this.#session.release()
  }
}

function product(size: number): OnnxModel {
  return {
    name: 'product',
    nodes: [{ op: 'Gemm', inputs: ['a', 'b'], outputs: ['products'], attributes: { transB: 1 } }],
    inputs: [
      { name: 'a', elementType: 'float32', shape: ['rows', size] },
      { name: 'b', elementType: 'float32', shape: ['columns', size] },
    ],
    outputs: [{ name: 'products', elementType: 'float32', shape: ['rows', 'columns'] }],
    initializers: [],
    metadata: new Map(),
  }
}
