import { ELEMENT_TYPES, type TensorData, type TensorFlowBinding } from './binding.js'

/** Row-major. */
export interface Tensor<Data extends TensorData = TensorData> {
  shape: readonly number[]
  data: Data
}

/** A SavedModel in this thread's TensorFlow: its variables live as long as it does. Every call blocks. */
export class SavedModel {
  readonly #binding: TensorFlowBinding
  readonly #id: number

  private constructor(binding: TensorFlowBinding, id: number) {
    this.#binding = binding
    this.#id = id
  }

  /** @param folder that holds `saved_model.pb`, tagged `serve` */
  static load(binding: TensorFlowBinding, folder: string): SavedModel {
    return new SavedModel(binding, binding.loadSavedModel(folder, 'serve'))
  }

  /**
   * Feeds the inputs and computes the outputs; both are named `operator:output`, such as `images:0`.
   * @param outputs one or more: what only changes variables gives the value of one
   */
  run(inputs: ReadonlyMap<string, Tensor>, outputs: readonly string[]): Tensor[] {
    const held: number[] = []
    try {
      for (const { shape, data } of inputs.values()) {
        held.push(this.#binding.createTensor(shape, elementType(data), data))
      }
      const names = [...inputs.keys()].join(',')
      const results = this.#binding.runSavedModel(this.#id, [...held], names, outputs.join(','))
      held.push(...results.map(({ id }) => id))
      return results.map(({ id, shape }) => ({ shape, data: this.#binding.tensorDataSync(id) }))
    } finally {
      for (const id of held) this.#binding.deleteTensor(id)
    }
  }

  close(): void {
    this.#binding.deleteSavedModel(this.#id)
  }
}

function elementType(data: TensorData): number {
  if (data instanceof Float32Array) return ELEMENT_TYPES.float32
  return data instanceof Int32Array ? ELEMENT_TYPES.int32 : ELEMENT_TYPES.uint8
}
