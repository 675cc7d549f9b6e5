import {
  type Attribute,
  type ElementType,
  ElementTypes,
  type Initializer,
  type OnnxModel,
  type OnnxNode,
  type ValueInfo,
} from '../../onnx/index.js'
import {
  broadcastShape,
  FREE,
  type GraphValue,
  type Operand as OperandOf,
  type Operators,
  productShape,
  reducedShape,
  type Transposed,
} from '../operators.js'
import { fuseSums } from './blocked/fuse-sums.js'
import { FORMS, type Forms } from './forms.js'

/** Of a floating-point value. */
export type Precision = 'float32' | 'float16'

/** A tensor inside the graph. */
export interface Value extends GraphValue {
  /** Channels of a block in the blocked layout (`blocked/layout.ts`); row-major where it is absent. */
  readonly block?: number | undefined
  /** Of each channel, [C], where it has been taken out of the values. */
  readonly mean?: Value
  /** Of floating-point values: float32 where it is absent. */
  readonly precision?: 'float16'
}

/** What is not said of most operators. */
export interface NodeOptions {
  /** An operator set beside the standard's. */
  domain?: string
  /** Layout of the output; row-major without it. */
  block?: number | undefined
  /** Of the output; that of the first input without it. */
  precision?: Precision | undefined
}

type Operand = OperandOf<Value>

/**
 * An ONNX graph under construction, from operators that the runtime's CPU and WebGPU providers share
 * (no Sign, FusedMatMul, OneHot, LogSoftmax or Sum); in the blocked lowering from those of MLAS as well. A method adds
 * one operator; its name says which.
 */
export class Graph implements Operators<Value> {
  readonly #nodes: OnnxNode[] = []
  readonly #inputs: ValueInfo[] = []
  readonly #outputs: ValueInfo[] = []
  readonly #initializers = new Map<string, Initializer>()
  readonly #constants = new Map<string, Value>()
  readonly #casts = new Map<string, Value>()
  #count = 0

  /** Channels of a block of the blocked lowering; the graph is portable without it. */
  readonly block: number | undefined
  /** What the portable lowering's operations are made of. */
  readonly forms: Forms

  constructor(block?: number, forms = FORMS.cpu) {
    this.block = block
    this.forms = forms
  }

  input(name: string, elementType: ElementType, shape: readonly number[]): Value {
    this.#inputs.push({ name, elementType, shape: shape.map((size) => (size === FREE ? 'batch' : size)) })
    return { name, shape }
  }

  /** Gives a value its name outside and makes it a result of the graph. */
  output(name: string, value: Value): void {
    this.#nodes.push({ op: 'Identity', inputs: [value.name], outputs: [name], attributes: {} })
    const shape = value.shape.map((size) => (size === FREE ? 'batch' : size))
    this.#outputs.push({ name, elementType: 'float32', shape })
  }

  /** A tensor that is part of the model. */
  initializer(name: string, shape: readonly number[], data: Float32Array): Value {
    return this.#initialize(name, 'float32', shape, data)
  }

  /** A float32 scalar. Equal constants are stored once. */
  constant(value: number): Value {
    return this.#constant('float32', [], Float32Array.of(value))
  }

  /** A float32 tensor of one axis, the same value throughout. */
  filled(length: number, value: number): Value {
    return this.#constant('float32', [length], new Float32Array(length).fill(value))
  }

  /** A float32 tensor of one axis. */
  floats(values: Float32Array): Value {
    return this.#constant('float32', [values.length], values)
  }

  /** Sizes, axes and positions: an int64 tensor of one axis. */
  integers(values: readonly number[]): Value {
    return this.#constant('int64', [values.length], BigInt64Array.from(values, BigInt))
  }

  /** Any operator with one output. An undefined input is one that is left out. */
  node(
    op: string,
    inputs: readonly (Value | undefined)[],
    shape: readonly number[],
    attributes: Readonly<Record<string, Attribute>> = {},
    { domain, block, precision = inputs[0]?.precision }: NodeOptions = {},
  ): Value {
    const name = `${op}_${++this.#count}`
    const node = { op, inputs: inputs.map((input) => input?.name ?? ''), outputs: [name], attributes }
    this.#nodes.push(domain === undefined ? node : { ...node, domain })
    return {
      name,
      shape,
      ...(block !== undefined && { block }),
      ...(precision === 'float16' && { precision }),
    }
  }

  add(a: Operand, b: Operand): Value {
    return this.#elementwise('Add', a, b)
  }

  subtract(a: Operand, b: Operand): Value {
    return this.#elementwise('Sub', a, b)
  }

  multiply(a: Operand, b: Operand): Value {
    return this.#elementwise('Mul', a, b)
  }

  divide(a: Operand, b: Operand): Value {
    return this.#elementwise('Div', a, b)
  }

  maximum(a: Operand, b: Operand): Value {
    return this.#elementwise('Max', a, b)
  }

  minimum(a: Operand, b: Operand): Value {
    return this.#elementwise('Min', a, b)
  }

  unary(op: 'Acos' | 'Cos' | 'Log' | 'Neg' | 'Reciprocal' | 'Sqrt', a: Value): Value {
    return this.node(op, [a], a.shape)
  }

  softmax(a: Value): Value {
    return this.node('Softmax', [a], a.shape, { axis: 1 })
  }

  clip(a: Value, minimum: number | undefined, maximum: number | undefined): Value {
    const limits = [minimum, maximum].map((limit) =>
      limit === undefined ? undefined : this.#valueOf(limit, a.precision),
    )
    return this.node('Clip', [a, ...limits], a.shape)
  }

  /** bool: where a is above b. */
  isAbove(a: Operand, b: Operand): Value {
    return this.#elementwise('Greater', a, b)
  }

  /** bool: where both are equal. */
  isEqual(a: Value, b: Value): Value {
    return this.#elementwise('Equal', a, b)
  }

  select(condition: Value, chosen: Operand, other: Operand): Value {
    const [left, right] = this.#operands(chosen, other)
    const shape = broadcastShape(condition.shape, broadcastShape(left.shape, right.shape))
    return this.node('Where', [condition, left, right], shape, {}, { precision: left.precision })
  }

  isLabel(labels: Value, classes: number): Value {
    const positions = this.#constant(
      'int32',
      [classes],
      Int32Array.from({ length: classes }, (_, i) => i),
    )
    return this.isEqual(this.reshape(labels, [labels.shape[0]!, 1]), this.reshape(positions, [1, classes]))
  }

  atLabel(x: Value, labels: Value): Value {
    const shape = [x.shape[0]!, 1]
    return this.node('GatherElements', [x, this.reshape(labels, shape)], shape, { axis: 1 })
  }

  /** Of bool or an integer type. */
  toFloat(a: Value, precision: Precision = 'float32'): Value {
    return this.node('Cast', [a], a.shape, { to: ElementTypes[precision] }, { precision })
  }

  /** A floating-point value in this precision: one cast for each value, however many read it. */
  inPrecision(a: Value, precision: Precision = 'float32'): Value {
    if ((a.precision ?? 'float32') === precision) return a
    const known = this.#casts.get(a.name)
    if (known !== undefined) return known
    const cast = this.toFloat(a, precision)
    this.#casts.set(a.name, cast)
    return cast
  }

  castLike(a: Value, { precision }: Value): Value {
    return this.inPrecision(a, precision)
  }

  /** A tensor that is part of the model is stored in the new shape. */
  reshape(a: Value, shape: readonly number[]): Value {
    const stored = this.#initializers.get(a.name)
    if (stored !== undefined && !shape.includes(FREE)) {
      return this.#store({ ...stored, name: `${a.name}.${shape.join('x')}`, shape })
    }
    return this.node('Reshape', [a, this.integers(shape)], shape)
  }

  transpose(a: Value, permutation: readonly number[]): Value {
    return this.node(
      'Transpose',
      [a],
      permutation.map((axis) => a.shape[axis]!),
      { perm: permutation },
    )
  }

  /** Like every reduction in float32: a float16 sum of many values stands still where each is small beside it. */
  reduceSum(a: Value, axes: readonly number[], keep = false): Value {
    return this.#reduce(['ReduceSum', 'ReduceSum'], a, axes, keep)
  }

  reduceMean(a: Value, axes: readonly number[], keep = false): Value {
    return this.#reduce(['ReduceMean', 'ReduceMean'], a, axes, keep)
  }

  reduceSumSquare(a: Value, axes: readonly number[], keep = false): Value {
    return this.#reduce(['ReduceSumSquare', 'ReduceSum'], a, axes, keep)
  }

  matmul(a: Value, b: Value, transposed: Transposed = {}): Value {
    const attributes = { transA: transposed.a ? 1 : 0, transB: transposed.b ? 1 : 0 }
    return this.node('Gemm', [a, b], productShape(a, b, transposed), attributes)
  }

  /** Of each matrix of the last two axes. */
  matmuls(a: Value, b: Value): Value {
    return this.node('MatMul', [a, b], [...a.shape.slice(0, -1), b.shape.at(-1)!])
  }

  /** The model of everything that an output depends on. */
  toModel(name: string, metadata: ReadonlyMap<string, string> = new Map()): OnnxModel {
    const needed = new Set(this.#outputs.map((output) => output.name))
    const nodes: OnnxNode[] = []
    for (const node of this.#nodes.toReversed()) {
      if (!node.outputs.some((output) => needed.has(output))) continue
      for (const input of node.inputs) needed.add(input)
      nodes.push(node)
    }
    return {
      name,
      nodes: this.block === undefined ? nodes.reverse() : fuseSums(nodes.reverse()),
      inputs: this.#inputs,
      outputs: this.#outputs,
      initializers: [...this.#initializers.values()].filter(({ name }) => needed.has(name)),
      metadata,
    }
  }

  /** By the first operator or, pixels first, by both (`forms.ts`). */
  #reduce([op, second]: readonly [string, string], a: Value, axes: readonly number[], keep: boolean): Value {
    const pixels = axes.filter((axis) => axis > 1)
    if (this.forms.reduction === 'pixels first' && axes[0] === 0 && axes.length === pixels.length + 1) {
      if (pixels.length > 0) return this.#reduceOnce(second, this.#reduceOnce(op, a, pixels, keep), [0], keep)
    }
    return this.#reduceOnce(op, a, axes, keep)
  }

  #reduceOnce(op: string, a: Value, axes: readonly number[], keep: boolean): Value {
    const value = this.inPrecision(a)
    const shape = reducedShape(value.shape, axes, keep)
    const keepdims = keep ? 1 : 0
    // Of these operators ReduceSum alone has its axes as an input in opset 17.
    return op === 'ReduceSum'
      ? this.node(op, [value, this.integers(axes)], shape, { keepdims })
      : this.node(op, [value], shape, { axes, keepdims })
  }

  #elementwise(op: string, a: Operand, b: Operand): Value {
    const [left, right] = this.#operands(a, b)
    const block = left.block ?? right.block
    // Elements meet their like only where both lie alike, or where one is a scalar.
    if ([left, right].some((value) => value.block !== block && value.shape.length > 0)) {
      throw new Error(`${op} of ${left.name} and ${right.name}, which have different layouts`)
    }
    return this.node(op, [left, right], broadcastShape(left.shape, right.shape), {}, { block })
  }

  /** Both as tensors of one precision. */
  #operands(a: Operand, b: Operand): [Value, Value] {
    const [left, right] = [this.#valueOf(a, precisionOf(b)), this.#valueOf(b, precisionOf(a))]
    if (left.precision === right.precision) return [left, right]
    throw new Error(`${left.name} and ${right.name} have different precisions`)
  }

  #valueOf(operand: Operand, precision?: Precision): Value {
    return typeof operand === 'number' ? this.inPrecision(this.constant(operand), precision) : operand
  }

  #constant(
    elementType: ElementType,
    shape: readonly number[],
    data: Float32Array | Int32Array | BigInt64Array,
  ): Value {
    const key = `${elementType}[${shape}]:${data}`
    const known = this.#constants.get(key)
    if (known !== undefined) return known
    const constant = this.#initialize(`constant_${this.#constants.size}`, elementType, shape, data)
    this.#constants.set(key, constant)
    return constant
  }

  #initialize(
    name: string,
    elementType: ElementType,
    shape: readonly number[],
    data: Float32Array | Int32Array | BigInt64Array,
  ): Value {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    return this.#store({ name, elementType, shape, bytes })
  }

  #store(initializer: Initializer): Value {
    const { name, shape } = initializer
    if (!this.#initializers.has(name)) this.#initializers.set(name, initializer)
    return { name, shape }
  }
}

function precisionOf(operand: Operand): Precision | undefined {
  return typeof operand === 'number' ? undefined : operand.precision
}
