import type { Tensor } from './tensor.js'

/** The values of a tensor of floats as float32; undefined for one of integers. Float64 is rounded. */
export function toFloat32({ dtype, data }: Tensor): Float32Array | undefined {
  if (data instanceof Float32Array) return data
  if (data instanceof Float64Array) return Float32Array.from(data)
  if (dtype === 'F16') return Float32Array.from(data as Uint16Array, float16)
  if (dtype !== 'BF16') return undefined
  // A bfloat16 is the upper half of a float32.
  const words = Uint32Array.from(data as Uint16Array, (bits) => bits << 16)
  return new Float32Array(words.buffer)
}

/** IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}
