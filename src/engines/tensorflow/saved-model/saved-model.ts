import { ProtobufWriter } from '../../../protobuf/index.js'
import { graphDef, type NodeDef } from './graph-def.js'
import { entry, type Signature, signatureDef } from './signature.js'

/** A graph and its functions. Variables start without values: a signature sets them. */
export interface SavedModelContent {
  nodes: readonly NodeDef[]
  signatures: ReadonlyMap<string, Signature>
}

/** Name of the file inside the model's folder. */
export const SAVED_MODEL_FILE = 'saved_model.pb'

/** What readers ask for to find the graph. */
const TAG = 'serve'

const SCHEMA_VERSION = 1

/** The bytes of a `saved_model.pb`: a few megabytes in many small pieces, joined. Source: tensorflow/core/protobuf/saved_model.proto. */
export function encodeSavedModel({ nodes, signatures }: SavedModelContent): Uint8Array {
  const metaGraph = new ProtobufWriter()
    .message(1, new ProtobufWriter().string(4, TAG))
    .message(2, graphDef(nodes))
  for (const [name, signature] of signatures) metaGraph.message(5, entry(name, signatureDef(signature)))
  return Buffer.concat(new ProtobufWriter().integer(1, SCHEMA_VERSION).message(2, metaGraph).pieces)
}
