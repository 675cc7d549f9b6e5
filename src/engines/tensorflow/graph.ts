import {
  broadcastShape,
  type GraphValue,
  type Operand as OperandOf,
  type Operators,
  productShape,
  reducedShape,
  type Transposed,
} from '../operators.js'
import type {
  Attribute,
  DataType,
  NodeDef,
  SavedModelContent,
  Signature,
  TensorInfo,
} from './saved-model/index.js'

/** A tensor inside the graph, its axes in the order in which it lies in memory. */
export interface Value extends GraphValue {
  /** `node:output` */
  readonly name: string
  readonly type: DataType
  /** Computes it once more; of a value of `Graph.anew`. */
  readonly again?: () => Value
}

type Operand = OperandOf<Value>

/** The node that makes a value. */
export function nodeOf({ name }: Value): string {
  return name.slice(0, name.indexOf(':'))
}

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
export class Graph implements Operators<Value> {
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

  unary(op: 'Acos' | 'Cos' | 'Log' | 'Neg' | 'Sin' | 'Sqrt' | 'Square', a: Value): Value {
    return this.operator(op, [a], a.shape)
  }

  softmax(a: Value): Value {
    return this.operator('Softmax', [a], a.shape)
  }

  isAbove(a: Value, b: Operand): Value {
    return { ...this.#elementwise('Greater', a, b), type: 'bool' }
  }

  /** bool: where both are equal. */
  isEqual(a: Value, b: Value): Value {
    return { ...this.#elementwise('Equal', a, b), type: 'bool' }
  }

  select(condition: Value, chosen: Operand, other: Operand): Value {
    const [left, right] = this.#operands(chosen, other)
    const shape = broadcastShape(condition.shape, broadcastShape(left.shape, right.shape))
    const attributes = { T: { type: left.type }, ...this.#compiled(left.type, shape) }
    return this.node('SelectV2', [condition, left, right], attributes, [{ type: left.type, shape }])[0]!
  }

  isLabel(labels: Value, classes: number): Value {
    const inputs = [labels, this.integers(classes), this.#truth(true), this.#truth(false)]
    const attributes = { T: { type: 'bool' }, TI: { type: 'int32' }, axis: -1 } as const
    return this.node('OneHot', inputs, attributes, [{ type: 'bool', shape: [labels.shape[0]!, classes] }])[0]!
  }

  atLabel(x: Value, labels: Value): Value {
    const { type } = x
    const shape = [x.shape[0]!, 1]
    const types = { Tparams: { type }, Tindices: { type: 'int32' }, Taxis: { type: 'int32' } } as const
    const inputs = [x, this.reshape(labels, shape), this.integers(1)]
    return this.node('GatherV2', inputs, { ...types, batch_dims: 1 }, [{ type, shape }])[0]!
  }

  toFloat(a: Value): Value {
    return this.cast(a, 'float32')
  }

  castLike(a: Value, { type }: Value): Value {
    return this.cast(a, type)
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

  reduceSumSquare(a: Value, axes: readonly number[], keep = false): Value {
    return this.reduceSum(this.unary('Square', a), axes, keep)
  }

  matmul(a: Value, b: Value, transposed: Transposed = {}): Value {
    const attributes = { transpose_a: transposed.a ?? false, transpose_b: transposed.b ?? false }
    return this.operator('MatMul', [a, b], productShape(a, b, transposed), attributes)
  }

  toModel(): SavedModelContent {
    return { nodes: this.#nodes, signatures: this.#signatures }
  }

  #reduce(op: string, a: Value, axes: readonly number[], keep: boolean): Value {
    const shape = reducedShape(a.shape, axes, keep)
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

  #truth(value: boolean): Value {
    return this.#constant('bool', [], Uint8Array.of(value ? 1 : 0))
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
