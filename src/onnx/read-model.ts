import { InputError } from '../errors/index.js'
import { readFields } from '../protobuf/index.js'
import { fieldsOf, text, within } from './message-fields.js'
import { type Dimension, type ElementType, ElementTypes, type ValueInfo } from './model.js'

/** What one must know of a foreign model to run it. */
export interface ModelSignature {
  /** Without the initializers, which older files list among the inputs. */
  inputs: ValueInfo[]
  outputs: ValueInfo[]
  metadata: Map<string, string>
}

/** Reads inputs, outputs and metadata out of the bytes of an .onnx file. @throws InputError naming `file` */
export function readSignature(bytes: Uint8Array, file: string): ModelSignature {
  const metadata = new Map<string, string>()
  let graph: Uint8Array | undefined
  for (const field of readFields(bytes, file)) {
    if (field.number === 7) graph = field.bytes
    if (field.number === 14) {
      const entry = fieldsOf(field.bytes, file)
      metadata.set(text(entry.get(1)), text(entry.get(2)))
    }
  }
  if (graph === undefined) {
    throw new InputError({ file, problem: 'is no ONNX model: it holds no graph' })
  }
  return { ...readGraph(graph, file), metadata }
}

function readGraph(graph: Uint8Array, file: string): { inputs: ValueInfo[]; outputs: ValueInfo[] } {
  const initializers = new Set<string>()
  const inputs: ValueInfo[] = []
  const outputs: ValueInfo[] = []
  for (const field of readFields(graph, file)) {
    if (field.number === 5) initializers.add(text(fieldsOf(field.bytes, file).get(8)))
    if (field.number === 11) inputs.push(readValueInfo(field.bytes, file))
    if (field.number === 12) outputs.push(readValueInfo(field.bytes, file))
  }
  return { inputs: inputs.filter((input) => !initializers.has(input.name)), outputs }
}

function readValueInfo(bytes: Uint8Array, file: string): ValueInfo {
  const info = fieldsOf(bytes, file)
  const tensorType = fieldsOf(within(fieldsOf(within(info.get(2)), file).get(1)), file)
  const shape: Dimension[] = []
  for (const field of readFields(within(tensorType.get(2)), file)) {
    const dimension = fieldsOf(field.bytes, file)
    shape.push(dimension.get(1)?.integer ?? text(dimension.get(2)))
  }
  return { name: text(info.get(1)), elementType: elementTypeOf(tensorType.get(1)?.integer), shape }
}

function elementTypeOf(number: number | undefined): ElementType | undefined {
  return (Object.keys(ElementTypes) as ElementType[]).find((name) => ElementTypes[name] === number)
}
