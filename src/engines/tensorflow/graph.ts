import type {
  Attribute,
  DataType,
  NodeDef,
  SavedModelContent,
  Signature,
  TensorInfo,
} from './saved-model/index.js'

/** A tensor inside the graph. */
export interface Value {
  /** `node:output` */
  readonly name: string
  readonly type: DataType
  /** In the order in which it lies in memory; `FREE` for the batch of a graph that takes any. */
  readonly shape: readonly number[]
  /** Computes it once more; of a value of `Graph.anew`. */
  readonly again?: () => Value
}

/** A tensor, or a scalar of this value and of the other operand's type. */
export type Operand = Value | number

/** The node that makes a value. */
export function nodeOf({ name }: Value): string {
  return name.slice(0, name.indexOf(':'))
}

/** A dimension that is not known when the graph is built. Reshape reads it in the same sense. */
export const FREE = -1

/**
 * On a CPU elementwise operators in float32 on this many elements are compiled by XLA, neighbours into one loop; smaller
 * ones are not worth the compiler's time. The attribute means nothing to a TensorFlow without XLA.
 */
const COMPILED_ELEMENTS = 1_000_000

/** Order of the axes of images: what TensorFlow's kernels have on a CPU, and what is fast on a GPU. */
export type ImageLayout = 'NHWC' | 'NCHW'

/**
 * A TensorFlow graph under construction, from raw operators with kernels on CPU and CUDA. A method adds one operator;
 * its name says which.
 */
export class Graph {
  readonly #nodes: NodeDef[] = []
  readonly #signatures = new Map<string, Signature>()
  readonly #constants = new Map<string, Value>()
  #count = 0
  #loops = 0
  /** Name of the loop that is being built. */
  #loop: string | undefined

  readonly layout: ImageLayout

  constructor(layout: ImageLayout) {
    this.layout = layout
  }

  /** Any operator. `after` are nodes that must have run before it. */
  node(
    op: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>>,
    outputs: readonly Pick<Value, 'type' | 'shape'>[],
    { name = `${op}_${++this.#count}`, after = [] }: { name?: string; after?: readonly string[] } = {},
  ): Value[] {
    this.#nodes.push({
      name,
      op,
      inputs: [...inputs.map((input) => input.name), ...after.map((node) => `^${node}`)],
      attributes,
    })
    return outputs.map(({ type, shape }, index) => ({ name: `${name}:${index}`, type, shape }))
  }

  /** An operator with one output and the attribute T, the type of its first input. */
  operator(
    op: string,
    inputs: readonly Value[],
    shape: readonly number[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    const { type } = inputs[0]!
    return this.node(op, inputs, { T: { type }, ...attributes }, [{ type, shape }])[0]!
  }

  /** A node without outputs; its name. */
  effect(op: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>>): string {
    const name = `${op}_${++this.#count}`
    this.node(op, inputs, attributes, [], { name })
    return name
  }

  input(name: string, type: DataType, shape: readonly number[]): Value {
    const attributes = { dtype: { type }, shape: { shape } }
    return this.node('Placeholder', [], attributes, [{ type, shape }], { name })[0]!
  }

  /** The value once these nodes have run. */
  afterAll(value: Value, nodes: readonly string[]): Value {
    const attributes = { T: { type: value.type } }
    const name = `Identity_${++this.#count}`
    return this.node('Identity', [value], attributes, [value], { name, after: nodes })[0]!
  }

  /** A scalar int32 that is there once these nodes have run. */
  done(nodes: readonly string[]): Value {
    return this.afterAll(this.integers(1), nodes)
  }

  /** Gives names to a function of the graph. */
  signature(
    name: string,
    inputs: Readonly<Record<string, Value>>,
    outputs: Readonly<Record<string, Value>>,
  ): void {
    this.#signatures.set(name, { inputs: infos(inputs), outputs: infos(outputs) })
  }

  /**
   * A value of compiled operators that each loop computes for itself where it asks for it by `again`: for what takes
   * less time than to be written to memory and read. `build` adds the operators. The loop's name keeps TensorFlow from
   * taking equal operators of two loops for one.
   */
  anew(build: () => Value): Value {
    const inLoop = (): Value => {
      const outer = this.#loop
      this.#loop ??= `loop_${++this.#loops}`
      try {
        return build()
      } finally {
        this.#loop = outer
      }
    }
    const value = inLoop()
    return this.isCompiled(value) ? { ...value, again: inLoop } : value
  }

  /** The value, for the loop that is being built. */
  again(value: Value): Value {
    return value.again?.() ?? value
  }

  /** Whether elementwise operators on this many elements of this type are compiled. */
  isCompiled({ type, shape }: Pick<Value, 'type' | 'shape'>): boolean {
    const elements = shape.reduce((product, size) => product * size, 1)
    return this.layout === 'NHWC' && type === 'float32' && elements >= COMPILED_ELEMENTS
  }

  /** The sum of a compiled value's parts along its first axis, which `parts` divides, in the loop that computes it. */
  sumOfParts(a: Value, parts: number): Value {
    const shape = [a.shape[0]! / parts, ...a.shape.slice(1)]
    const part = { type: a.type, shape }
    const attributes = { T: { type: a.type }, ...this.#marks() }
    const split = { ...attributes, num_split: parts }
    const pieces = this.node('Split', [this.integers(0), a], split, Array(parts).fill(part))
    return this.node('AddN', pieces, { ...attributes, N: parts }, [part])[0]!
  }

  /** A scalar. Equal constants are stored once. */
  constant(value: number, type: 'float32' | 'float16' = 'float32'): Value {
    const scalar = this.#constant('float32', [], Float32Array.of(value))
    return type === 'float32' ? scalar : this.cast(scalar, type)
  }

  /** A float32 tensor of one axis without elements. */
  none(): Value {
    return this.#constant('float32', [0], new Float32Array(0))
  }

  /** Sizes, axes and positions: int32, of one axis for a list. */
  integers(values: number | readonly number[]): Value {
    return typeof values === 'number'
      ? this.#constant('int32', [], Int32Array.of(values))
      : this.#constant('int32', [values.length], Int32Array.from(values))
  }

  truth(value: boolean): Value {
    return this.#constant('bool', [], Uint8Array.of(value ? 1 : 0))
  }

  add(a: Operand, b: Operand): Value {
    return this.#elementwise('AddV2', a, b)
  }

  subtract(a: Operand, b: Operand): Value {
    return this.#elementwise('Sub', a, b)
  }

  multiply(a: Operand, b: Operand): Value {
    return this.#elementwise('Mul', a, b)
  }

  divide(a: Operand, b: Operand): Value {
    return this.#elementwise('RealDiv', a, b)
  }

  maximum(a: Operand, b: Operand): Value {
    return this.#elementwise('Maximum', a, b)
  }

  minimum(a: Operand, b: Operand): Value {
    return this.#elementwise('Minimum', a, b)
  }

  unary(op: 'Acos' | 'Cos' | 'Log' | 'Neg' | 'Sin' | 'Softmax' | 'Sqrt' | 'Square', a: Value): Value {
    return this.operator(op, [a], a.shape)
  }

  /** bool: where a is above b. */
  isAbove(a: Value, b: Operand): Value {
    return { ...this.#elementwise('Greater', a, b), type: 'bool' }
  }

  /** bool: where both are equal. */
  isEqual(a: Value, b: Value): Value {
    return { ...this.#elementwise('Equal', a, b), type: 'bool' }
  }

  /** Elements of one or the other, by a bool tensor. */
  select(condition: Value, chosen: Operand, other: Operand): Value {
    const [left, right] = this.#operands(chosen, other)
    const shape = broadcastShape(condition.shape, broadcastShape(left.shape, right.shape))
    const attributes = { T: { type: left.type }, ...this.#compiled(left.type, shape) }
    return this.node('SelectV2', [condition, left, right], attributes, [{ type: left.type, shape }])[0]!
  }

  cast(a: Value, type: DataType): Value {
    if (a.type === type) return a
    const attributes = { SrcT: { type: a.type }, DstT: { type } }
    return this.node('Cast', [a], attributes, [{ type, shape: a.shape }])[0]!
  }

  reshape(a: Value, shape: readonly number[]): Value {
    return this.operator('Reshape', [a, this.integers(shape)], shape)
  }

  transpose(a: Value, permutation: readonly number[]): Value {
    const shape = permutation.map((axis) => a.shape[axis]!)
    return this.operator('Transpose', [a, this.integers(permutation)], shape)
  }

  reduceSum(a: Value, axes: readonly number[], keep = false): Value {
    return this.#reduce('Sum', a, axes, keep)
  }

  reduceMean(a: Value, axes: readonly number[], keep = false): Value {
    return this.#reduce('Mean', a, axes, keep)
  }

  /** bool: whether every one of these scalars is a number and not infinite. */
  areFinite(scalars: readonly Value[]): Value {
    const type = 'bool'
    const [first, ...others] = scalars.map(
      (value) => ({ ...this.operator('IsFinite', [value], []), type }) as Value,
    )
    return others.reduce(
      (all, other) => this.node('LogicalAnd', [all, other], {}, [{ type, shape: [] }])[0]!,
      first!,
    )
  }

  /** The value if the bool scalar is true; else nothing, and nothing that needs it is computed. */
  onlyIf(condition: Value, value: Value): Value {
    return this.#switch(condition, value)[1]!
  }

  /** Once these nodes have run, which are of `onlyIf`: where the condition is false, at once. */
  afterChoice(condition: Value, nodes: readonly string[]): Value {
    const [otherwise, chosen] = this.#switch(condition, this.integers(1))
    const ran = this.afterAll(chosen!, nodes)
    const attributes = { T: { type: 'int32' }, N: 2 } as const
    const outputs = [ran, { type: 'int32', shape: [] } as const]
    return this.node('Merge', [otherwise!, ran], attributes, outputs)[0]!
  }

  /** Two matrices, either transposed first. */
  matmul(a: Value, b: Value, transposed: { a?: boolean; b?: boolean } = {}): Value {
    const shape = [a.shape[transposed.a ? 1 : 0]!, b.shape[transposed.b ? 0 : 1]!]
    const attributes = { transpose_a: transposed.a ?? false, transpose_b: transposed.b ?? false }
    return this.operator('MatMul', [a, b], shape, attributes)
  }

  toModel(): SavedModelContent {
    return { nodes: this.#nodes, signatures: this.#signatures }
  }

  /** Its value on the first output where the condition is false, on the second where it is true. */
  #switch(condition: Value, value: Value): Value[] {
    return this.node('Switch', [value, condition], { T: { type: value.type } }, [value, value])
  }

  #reduce(op: string, a: Value, axes: readonly number[], keep: boolean): Value {
    const kept = a.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    const shape = keep ? kept : kept.filter((_, axis) => !axes.includes(axis))
    return this.operator(op, [a, this.integers(axes)], shape, { Tidx: { type: 'int32' }, keep_dims: keep })
  }

  #elementwise(op: string, a: Operand, b: Operand): Value {
    const [left, right] = this.#operands(a, b)
    const shape = broadcastShape(left.shape, right.shape)
    return this.operator(op, [left, right], shape, this.#compiled(left.type, shape))
  }

  #compiled(type: DataType, shape: readonly number[]): Readonly<Record<string, Attribute>> {
    return this.isCompiled({ type, shape }) ? this.#marks() : {}
  }

  #marks(): Readonly<Record<string, Attribute>> {
    return { _XlaCompile: true, ...(this.#loop !== undefined && { _XlaScope: this.#loop }) }
  }

  #operands(a: Operand, b: Operand): [Value, Value] {
    const type = typeof a === 'number' ? (typeof b === 'number' ? 'float32' : b.type) : a.type
    const [left, right] = [a, b].map((operand) =>
      typeof operand === 'number' ? this.constant(operand, type as 'float32') : operand,
    ) as [Value, Value]
    if (left.type !== right.type) throw new Error(`${left.name} is ${left.type}, ${right.name} ${right.type}`)
    return [left, right]
  }

  #constant(type: DataType, shape: readonly number[], data: Float32Array | Int32Array | Uint8Array): Value {
    const key = `${type}[${shape}]:${data}`
    const known = this.#constants.get(key)
    if (known !== undefined) return known
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    const attributes = { dtype: { type }, value: { tensor: { type, shape, bytes } } }
    const name = `constant_${this.#constants.size}`
    const [constant] = this.node('Const', [], attributes, [{ type, shape }], { name })
    this.#constants.set(key, constant!)
    return constant!
  }
}

function infos(values: Readonly<Record<string, Value>>): ReadonlyMap<string, TensorInfo> {
  return new Map(Object.entries(values))
}

function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1
    const right = b[axis - rank + b.length] ?? 1
    return left === 1 ? right : left
  })
}
