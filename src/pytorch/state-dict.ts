import { InputError } from '../errors/index.js'
import type { PickleValue } from '../pickle/index.js'
import { elementCount, elementSize, type Tensor } from '../safetensors/index.js'
import type { PytorchFile } from './pytorch-file.js'
import { StoredTensor } from './stored-tensor.js'

/** Tensors may share storages, so that together they are larger than the file; but not many times. */
const MOST_SHARING = 4

/** Named tensors of a file, as `state_dict` gives them. */
export class StateDict {
  readonly path: string
  /** In the order of the file. */
  readonly entries: ReadonlyMap<string, StoredTensor>
  readonly #file: PytorchFile

  private constructor(file: PytorchFile, entries: ReadonlyMap<string, StoredTensor>) {
    this.path = file.path
    this.entries = entries
    this.#file = file
  }

  /** The value as a state_dict, or undefined where it is no dict of names to tensors. @throws InputError where it is huge */
  static of(file: PytorchFile, value: PickleValue | undefined): StateDict | undefined {
    if (!(value instanceof Map)) return undefined
    const entries = new Map<string, StoredTensor>()
    let bytes = 0
    for (const [name, tensor] of value) {
      if (typeof name !== 'string' || !(tensor instanceof StoredTensor)) return undefined
      entries.set(name, tensor)
      bytes += elementCount(tensor.shape) * elementSize(tensor.dtype)
    }
    if (!(bytes <= MOST_SHARING * file.bytes)) {
      throw new InputError({
        file: file.path,
        problem: 'its tensors are larger together than the file can hold',
        expected: `at most ${MOST_SHARING} times its ${file.bytes} bytes`,
        actual: bytes,
      })
    }
    return new StateDict(file, entries)
  }

  /** @throws InputError where there is no such tensor, or its storage is damaged */
  async read(name: string): Promise<Tensor> {
    const tensor = this.entries.get(name)
    if (tensor === undefined) throw new InputError({ file: this.path, problem: `has no tensor '${name}'` })
    return this.#file.read(tensor)
  }
}
