import { ProtobufWriter } from '../../../protobuf/index.js'
import { type DataType, DataTypes } from './data-type.js'
import { shapeMessage } from './graph-def.js'

/** A tensor at the border of a graph. */
export interface TensorInfo {
  /** `node:output` */
  name: string
  type: DataType
  /** -1 for a free dimension. */
  shape: readonly number[]
}

/** A function of the graph: what is fed and what is fetched, by names of its own. */
export interface Signature {
  inputs: ReadonlyMap<string, TensorInfo>
  outputs: ReadonlyMap<string, TensorInfo>
}

const METHOD = 'tensorflow/serving/predict'

/** The message `SignatureDef`. Source: tensorflow/core/protobuf/meta_graph.proto. */
export function signatureDef({ inputs, outputs }: Signature): ProtobufWriter {
  const message = new ProtobufWriter()
  for (const [key, info] of inputs) message.message(1, entry(key, tensorInfo(info)))
  for (const [key, info] of outputs) message.message(2, entry(key, tensorInfo(info)))
  return message.string(3, METHOD)
}

/** An entry of a protobuf map with text keys. */
export function entry(key: string, value: ProtobufWriter): ProtobufWriter {
  return new ProtobufWriter().string(1, key).message(2, value)
}

/** With a shape always, an empty one for a scalar: readers of tfjs-node fail without. */
function tensorInfo({ name, type, shape }: TensorInfo): ProtobufWriter {
  return new ProtobufWriter().string(1, name).integer(2, DataTypes[type]).message(3, shapeMessage(shape))
}
