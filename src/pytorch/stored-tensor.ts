import { PickleFault, PickleObject, type PickleValue } from '../pickle/index.js'
import type { Dtype } from '../safetensors/index.js'

/** A run of elements in a member of the file, which several tensors may share. */
export class Storage extends PickleObject {
  /** Name of its member: `data/KEY`. */
  readonly key: string
  readonly dtype: Dtype
  readonly elements: number

  constructor(key: string, dtype: Dtype, elements: number) {
    super()
    this.key = key
    this.dtype = dtype
    this.elements = elements
  }

  override setState(): void {
    throw new PickleFault('a storage takes no state')
  }
}

/** A tensor as the file describes it; its elements stay there until they are read. */
export class StoredTensor extends PickleObject {
  readonly storage: Storage
  /** Elements of the storage before its first, and between neighbours along each axis. */
  readonly offset: number
  readonly stride: readonly number[]
  readonly shape: readonly number[]

  constructor(storage: Storage, offset: number, shape: readonly number[], stride: readonly number[]) {
    super()
    this.storage = storage
    this.offset = offset
    this.shape = shape
    this.stride = stride
  }

  get dtype(): Dtype {
    return this.storage.dtype
  }

  override setState(_state: PickleValue): void {
    throw new PickleFault('a tensor takes no state')
  }
}
