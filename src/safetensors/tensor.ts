/**
 * Element types of the safetensors format and the arrays that hold them here. Float16 and bfloat16 are kept as their
 * bits. Source: huggingface/safetensors, format description and `Dtype`.
 */
const ARRAYS = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const

export type Dtype = keyof typeof ARRAYS

export type TensorData =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array

/** A tensor in row-major order. A scalar has the shape `[]`. */
export interface Tensor {
  dtype: Dtype
  shape: readonly number[]
  data: TensorData
}

export function isDtype(name: unknown): name is Dtype {
  return typeof name === 'string' && Object.hasOwn(ARRAYS, name)
}

/** Bytes of one element. */
export function elementSize(dtype: Dtype): number {
  return ARRAYS[dtype].BYTES_PER_ELEMENT
}

/** Number of elements; NaN where it is not exact in a double. */
export function elementCount(shape: readonly number[]): number {
  let count = 1
  for (const length of shape) count *= length
  return Number.isSafeInteger(count) ? count : Number.NaN
}

/** The bytes of a file as elements. `bytes` starts at the beginning of its buffer. */
export function dataFromBytes(dtype: Dtype, bytes: Uint8Array): TensorData {
  return new ARRAYS[dtype](
    bytes.buffer as ArrayBuffer,
    bytes.byteOffset,
    bytes.byteLength / elementSize(dtype),
  )
}

/** All of a memory as elements: of any length, where an array of bytes ends below 4 GiB. */
export function dataFromMemory(dtype: Dtype, memory: ArrayBuffer | SharedArrayBuffer): TensorData {
  return new ARRAYS[dtype](memory as ArrayBuffer)
}

export function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
