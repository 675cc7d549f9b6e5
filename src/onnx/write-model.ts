import { ProtobufWriter } from '../protobuf/index.js'
import {
  type Attribute,
  type Dimension,
  ElementTypes,
  type Initializer,
  type OnnxModel,
  type OnnxNode,
  type ValueInfo,
} from './model.js'

/** Version of the file format and of the operator set. Every runtime from 2022 on reads them. */
const IR_VERSION = 8
const OPSET = 17

/** Of operator sets beside the standard's. */
const OTHER_OPSET = 1

/** `AttributeProto.AttributeType` */
const AttributeType = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const

/** The bytes of an .onnx file, in pieces that share the memory of the initializers. Source: onnx/onnx.proto3. */
export function encodeModel(model: OnnxModel): readonly Uint8Array[] {
  const message = new ProtobufWriter()
    .integer(1, IR_VERSION)
    .string(2, 'facedata')
    .message(7, encodeGraph(model))
    .message(8, encodeOpset('', OPSET))
  const domains = new Set(model.nodes.flatMap(({ domain }) => domain ?? []))
  for (const domain of domains) message.message(8, encodeOpset(domain, OTHER_OPSET))
  for (const [key, value] of model.metadata) {
    message.message(14, new ProtobufWriter().string(1, key).string(2, value))
  }
  return message.pieces
}

function encodeOpset(domain: string, version: number): ProtobufWriter {
  return new ProtobufWriter().string(1, domain).integer(2, version)
}

function encodeGraph(model: OnnxModel): ProtobufWriter {
  const graph = new ProtobufWriter()
  for (const node of model.nodes) graph.message(1, encodeNode(node))
  graph.string(2, model.name)
  for (const initializer of model.initializers) graph.message(5, encodeTensor(initializer))
  for (const input of model.inputs) graph.message(11, encodeValueInfo(input))
  for (const output of model.outputs) graph.message(12, encodeValueInfo(output))
  return graph
}

/** A `NodeProto`. */
export function encodeNode(node: OnnxNode): ProtobufWriter {
  const message = new ProtobufWriter()
  for (const input of node.inputs) message.string(1, input)
  for (const output of node.outputs) message.string(2, output)
  message.string(3, node.outputs[0] ?? '').string(4, node.op)
  for (const [name, value] of Object.entries(node.attributes))
    message.message(5, encodeAttribute(name, value))
  if (node.domain !== undefined) message.string(7, node.domain)
  return message
}

function encodeAttribute(name: string, value: Attribute): ProtobufWriter {
  const message = new ProtobufWriter().string(1, name)
  if (typeof value === 'number') return message.integer(3, value).integer(20, AttributeType.int)
  if (typeof value === 'string') return message.string(4, value).integer(20, AttributeType.string)
  if ('float' in value) return message.float(2, value.float).integer(20, AttributeType.float)
  if ('floats' in value) return message.floats(7, value.floats).integer(20, AttributeType.floats)
  return message.integers(8, value).integer(20, AttributeType.ints)
}

/** A `TensorProto`. */
export function encodeTensor({ name, elementType, shape, bytes }: Initializer): ProtobufWriter {
  return new ProtobufWriter()
    .integers(1, shape)
    .integer(2, ElementTypes[elementType])
    .string(8, name)
    .bytes(9, bytes)
}

function encodeValueInfo({ name, elementType, shape }: ValueInfo): ProtobufWriter {
  const dimensions = new ProtobufWriter()
  for (const dimension of shape) dimensions.message(1, encodeDimension(dimension))
  const tensorType = new ProtobufWriter()
    .integer(1, elementType === undefined ? 0 : ElementTypes[elementType])
    .message(2, dimensions)
  return new ProtobufWriter().string(1, name).message(2, new ProtobufWriter().message(1, tensorType))
}

function encodeDimension(dimension: Dimension): ProtobufWriter {
  return typeof dimension === 'number'
    ? new ProtobufWriter().integer(1, dimension)
    : new ProtobufWriter().string(2, dimension)
}
