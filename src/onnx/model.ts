/** Element types that facedata writes, with their numbers in `TensorProto.DataType`. */
export const ElementTypes = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10 } as const

export type ElementType = keyof typeof ElementTypes

/** A fixed size, or the name of a free dimension. */
export type Dimension = number | string

/** A graph's input or output. */
export interface ValueInfo {
  name: string
  /** Undefined for a type that facedata does not write, in a model that was read. */
  elementType: ElementType | undefined
  shape: readonly Dimension[]
}

/** A constant of the graph. */
export interface Initializer {
  name: string
  elementType: ElementType
  shape: readonly number[]
  /** Little-endian elements, row-major. */
  bytes: Uint8Array
}

/** An integer, a list of integers, a text, a float or a list of floats. */
export type Attribute =
  | number
  | readonly number[]
  | string
  | { float: number }
  | { floats: readonly number[] }

export interface OnnxNode {
  op: string
  /** Operator set of its own, version 1; the standard's where it is absent. */
  domain?: string
  /** Empty string for an optional input that is left out. */
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: Readonly<Record<string, Attribute>>
}

export interface OnnxModel {
  name: string
  nodes: readonly OnnxNode[]
  inputs: readonly ValueInfo[]
  outputs: readonly ValueInfo[]
  initializers: readonly Initializer[]
  metadata: ReadonlyMap<string, string>
}
