/** A tensor inside a graph. Each engine adds what it must know of one. */
export interface GraphValue {
  readonly name: string
  /** `FREE` for the batch of a graph that takes any. */
  readonly shape: readonly number[]
}

/** A dimension that is not known when the graph is built. Reshape reads it in the same sense, in both engines. */
export const FREE = -1

/** A tensor, or a scalar of this value and of the other operand's precision. */
export type Operand<Value> = Value | number

/** Either matrix of a product, transposed first. */
export interface Transposed {
  a?: boolean
  b?: boolean
}

/**
 * The operators that every engine's graph has. What is built from these alone (`kernels/`, `optimizers/`) is written
 * once; an engine's own kernels use what its graph has beside them.
 */
export interface Operators<Value> {
  /** A float32 scalar. */
  constant(value: number): Value
  add(a: Operand<Value>, b: Operand<Value>): Value
  subtract(a: Operand<Value>, b: Operand<Value>): Value
  multiply(a: Operand<Value>, b: Operand<Value>): Value
  divide(a: Operand<Value>, b: Operand<Value>): Value
  maximum(a: Operand<Value>, b: Operand<Value>): Value
  minimum(a: Operand<Value>, b: Operand<Value>): Value
  unary(op: 'Acos' | 'Log' | 'Neg' | 'Sqrt', a: Value): Value
  /** Of each row of [N, C]. */
  softmax(a: Value): Value
  /** bool: where a is above b. */
  isAbove(a: Value, b: Operand<Value>): Value
  /** Elements of one or the other, by a bool tensor. */
  select(condition: Value, chosen: Operand<Value>, other: Operand<Value>): Value
  /** True in the column of each row's label: bool, [N, classes]. */
  isLabel(labels: Value, classes: number): Value
  /** The element of each row in its label's column: [N, 1]. */
  atLabel(x: Value, labels: Value): Value
  /** Float32, of bool or an integer type. */
  toFloat(a: Value): Value
  /** A floating-point value in the precision of another one. */
  castLike(a: Value, like: Value): Value
  reduceSum(a: Value, axes: readonly number[], keep?: boolean): Value
  reduceMean(a: Value, axes: readonly number[], keep?: boolean): Value
  reduceSumSquare(a: Value, axes: readonly number[], keep?: boolean): Value
  /** Of two matrices. */
  matmul(a: Value, b: Value, transposed?: Transposed): Value
}

/** The shape of an elementwise result. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1
    const right = b[axis - rank + b.length] ?? 1
    return left === 1 ? right : left
  })
}

/** The shape without these axes or, where they are kept, with size 1 there. */
export function reducedShape(shape: readonly number[], axes: readonly number[], keep: boolean): number[] {
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
  return keep ? kept : kept.filter((_, axis) => !axes.includes(axis))
}

/** The shape of a product of two matrices. */
export function productShape(a: GraphValue, b: GraphValue, transposed: Transposed): number[] {
  return [a.shape[transposed.a ? 1 : 0]!, b.shape[transposed.b ? 0 : 1]!]
}
