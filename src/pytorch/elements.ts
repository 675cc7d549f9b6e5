import { dataFromBytes, elementCount, elementSize, type TensorData } from '../safetensors/index.js'
import type { StoredTensor } from './stored-tensor.js'

/** The elements of a tensor in row-major order: a view of the storage where they lie in it so, else a copy. */
export function rowMajor(tensor: StoredTensor, storage: Uint8Array): TensorData {
  const { dtype, shape, stride, offset } = tensor
  const size = elementSize(dtype)
  const count = elementCount(shape)
  if (count === 0) return dataFromBytes(dtype, new Uint8Array(0))
  if (isRowMajor(shape, stride)) {
    const bytes = storage.subarray(offset * size, (offset + count) * size)
    return dataFromBytes(dtype, bytes.byteOffset % size === 0 ? bytes : Uint8Array.from(bytes))
  }
  const bytes = new Uint8Array(count * size)
  const index = shape.map(() => 0)
  let from = offset
  for (let to = 0; to < count; to++) {
    for (let byte = 0; byte < size; byte++) bytes[to * size + byte] = storage[from * size + byte]!
    // The next index, as an odometer turns: the last axis fastest.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += stride[axis]!
      if (++index[axis]! < shape[axis]!) break
      from -= index[axis]! * stride[axis]!
      index[axis] = 0
    }
  }
  return dataFromBytes(dtype, bytes)
}

/** The stride of an axis of length 1 means nothing. */
function isRowMajor(shape: readonly number[], stride: readonly number[]): boolean {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== expected) return false
    expected *= shape[axis]!
  }
  return true
}
