import type { StateEntry } from '../../src/engines/state-layout.js'

/** How a test tensor is filled: float32 around `base`, at most `spread` away; the same as in reference_model.py. */
export interface Filling {
  name: string
  shape: readonly number[]
  base: number
  spread: number
}

/** Unsigned 32-bit integers, element i of stream `salt`. */
export function hashed(count: number, salt: number): Uint32Array {
  const start = (salt * 40503 + 12345) >>> 0
  const values = new Uint32Array(count)
  for (let index = 0; index < count; index++) {
    let x = (Math.imul(index, 2654435761) + start) >>> 0
    x = Math.imul(x ^ (x >>> 15), 2246822519)
    x = Math.imul(x ^ (x >>> 13), 3266489917)
    values[index] = x ^ (x >>> 16)
  }
  return values
}

export function hashedValues({ shape, base, spread }: Omit<Filling, 'name'>, salt: number): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1)
  const unit = hashed(count, salt)
  const values = new Float32Array(count)
  for (let i = 0; i < count; i++) values[i] = base + spread * ((unit[i]! >>> 8) / 2 ** 23 - 1)
  return values
}

/** Values like those of a network in training: nothing constant, statistics and slopes positive. */
export function fillingOf({ name, parameter }: StateEntry): Filling {
  const { shape, initial } = parameter
  if (name.endsWith('num_batches_tracked')) return { name, shape, base: 0, spread: 0 }
  if ('deviation' in initial) return { name, shape, base: 0, spread: initial.deviation * Math.sqrt(3) }
  if ('bound' in initial) return { name, shape, base: 0, spread: initial.bound }
  return { name, shape, base: initial.constant, spread: parameter.role === 'frozen' ? 0 : 0.2 }
}

/** Euclidean norm of a - b. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2
  return Math.sqrt(sum)
}

export function norm(a: ArrayLike<number>): number {
  return distance(a, new Float64Array(a.length))
}
