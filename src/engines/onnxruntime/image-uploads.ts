import { type InferenceSession, Tensor } from 'onnxruntime-node'
import type { OnnxModel } from '../../onnx/index.js'
import type { TrainingBatch } from '../training-session.js'
import { createRuntimeSession, type RuntimeOptions } from './runtime.js'

const [IMAGES, UPLOADED] = ['images', 'uploaded']

/**
 * Images of batches, uint8 [B, 3, H, W]. Those of a batch to come go to a device with memory of its own by a graph that
 * hands them on as they are.
 */
export class ImageUploads {
  readonly #shape: readonly number[]
  readonly #runtime: RuntimeOptions
  readonly #uploaded = new Map<TrainingBatch, Tensor>()
  #session: InferenceSession | undefined

  constructor(shape: readonly number[], runtime: RuntimeOptions) {
    this.#shape = shape
    this.#runtime = runtime
  }

  async upload(batch: TrainingBatch): Promise<void> {
    if (this.#uploaded.has(batch)) return
    this.#session ??= await createRuntimeSession(handOn(this.#shape), {
      ...this.#runtime,
      staying: [UPLOADED],
    })
    const results = await this.#session.run({ [IMAGES]: this.#inProcess(batch) })
    this.#uploaded.set(batch, results[UPLOADED] as Tensor)
  }

  /** On the device where they were uploaded, else in the memory of the process. The caller disposes of them. */
  take(batch: TrainingBatch): Tensor {
    const uploaded = this.#uploaded.get(batch)
    this.#uploaded.delete(batch)
    return uploaded ?? this.#inProcess(batch)
  }

  async release(): Promise<void> {
    for (const tensor of this.#uploaded.values()) tensor.dispose()
    await this.#session?.release()
  }

  #inProcess({ images }: TrainingBatch): Tensor {
    return new Tensor('uint8', images, this.#shape)
  }
}

function handOn(shape: readonly number[]): OnnxModel {
  const elementType = 'uint8'
  return {
    name: 'image_upload',
    nodes: [{ op: 'Identity', inputs: [IMAGES], outputs: [UPLOADED], attributes: {} }],
    inputs: [{ name: IMAGES, elementType, shape }],
    outputs: [{ name: UPLOADED, elementType, shape }],
    initializers: [],
    metadata: new Map(),
  }
}
