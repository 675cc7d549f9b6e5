import { ProtobufWriter } from '../../../protobuf/index.js'
import { type DataType, DataTypes } from './data-type.js'

/** A tensor inside a graph's attributes. */
export interface TensorValue {
  type: DataType
  shape: readonly number[]
  /** Little-endian elements, row-major. */
  bytes: Uint8Array
}

/** An integer, a text, a truth value, or one of the rest by its kind. */
export type Attribute =
  | number
  | string
  | boolean
  | { float: number }
  | { integers: readonly number[] }
  | { type: DataType }
  | { shape: readonly number[] }
  | { tensor: TensorValue }

/** One operator of the graph. */
export interface NodeDef {
  name: string
  op: string
  /** `name` or `name:output`; after those, `^name` for nodes that must have run before. */
  inputs: readonly string[]
  attributes: Readonly<Record<string, Attribute>>
}

/** Version of the operators' meaning: that of TensorFlow 2.9, which every later one reads. */
const PRODUCER = 1087

/** The message `GraphDef`. Source: tensorflow/core/framework/graph.proto. */
export function graphDef(nodes: readonly NodeDef[]): ProtobufWriter {
  const message = new ProtobufWriter()
  for (const node of nodes) message.message(1, nodeDef(node))
  return message.message(4, new ProtobufWriter().integer(1, PRODUCER))
}

function nodeDef({ name, op, inputs, attributes }: NodeDef): ProtobufWriter {
  const message = new ProtobufWriter().string(1, name).string(2, op)
  for (const input of inputs) message.string(3, input)
  for (const [key, value] of Object.entries(attributes)) {
    message.message(5, new ProtobufWriter().string(1, key).message(2, attributeValue(value)))
  }
  return message
}

function attributeValue(value: Attribute): ProtobufWriter {
  const message = new ProtobufWriter()
  if (typeof value === 'number') return message.integer(3, value)
  if (typeof value === 'string') return message.string(2, value)
  if (typeof value === 'boolean') return message.integer(5, value ? 1 : 0)
  if ('float' in value) return message.float(4, value.float)
  if ('integers' in value) return message.message(1, new ProtobufWriter().integers(3, value.integers))
  if ('tensor' in value) return message.message(8, tensor(value.tensor))
  if ('shape' in value) return message.message(7, shapeMessage(value.shape))
  return message.integer(6, DataTypes[value.type])
}

function tensor({ type, shape, bytes }: TensorValue): ProtobufWriter {
  return new ProtobufWriter().integer(1, DataTypes[type]).message(2, shapeMessage(shape)).bytes(4, bytes)
}

/** The message `TensorShapeProto`: -1 is a free dimension. */
export function shapeMessage(shape: readonly number[]): ProtobufWriter {
  const message = new ProtobufWriter()
  for (const size of shape) message.message(2, new ProtobufWriter().integer(1, size))
  return message
}
