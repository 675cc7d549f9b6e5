import { type ProtobufField, ProtobufWriter, readFields } from '../protobuf/index.js'
import { fieldsOf, integersOf, text } from './message-fields.js'
import { ElementTypes, type Initializer, type OnnxNode } from './model.js'
import { encodeNode, encodeTensor } from './write-model.js'

/** BatchNormalization has its form of today since this operator set. */
const LEAST_OPSET = 9

/** Added to a variance of 1, in float32 it is nothing. */
const EPSILON = 1e-30

/** Operators that in networks of this kind give what has the shape of their first input. */
const KEEP_SHAPE = new Set(['Add', 'BatchNormalization', 'Dropout', 'Identity', 'PRelu', 'Relu'])

/**
 * A model in which each PRelu of images [N, C, H, W] with a slope for each channel is made of Relu, Add and
 * BatchNormalizations that only multiply: s * x + relu((1 - s) * x), and s * x + (1 - s) * relu(x) where a slope is
 * above 1. Everything else stands as it stood. onnxruntime has these operators in the blocked layout of processors,
 * PRelu it has not: it leaves that layout and comes back for each.
 *
 * The bytes of the message in pieces; undefined where there is nothing to replace, or where weights lie in other files
 * and the model has to be loaded by its path.
 */
export function replacePrelus(model: Uint8Array, file: string): readonly Uint8Array[] | undefined {
  const fields = [...readFields(model, file)]
  const graph = fields.findLast(({ number }) => number === 7)
  if (graph === undefined || opsetOf(fields, file) < LEAST_OPSET) return undefined
  const replaced = replaceInGraph(graph.bytes, file)
  if (replaced === undefined) return undefined
  const message = new ProtobufWriter()
  for (const field of fields) field === graph ? message.message(7, replaced) : message.whole(field.whole)
  return message.pieces
}

/** Version of the standard's operator set. */
function opsetOf(fields: readonly ProtobufField[], file: string): number {
  const imports = fields.filter(({ number }) => number === 8).map(({ bytes }) => fieldsOf(bytes, file))
  return imports.find((entry) => text(entry.get(1)) === '')?.get(2)?.integer ?? 0
}

function replaceInGraph(graph: Uint8Array, file: string): ProtobufWriter | undefined {
  const fields = [...readFields(graph, file)]
  const tensors = fields.filter(({ number }) => number === 5).map(({ bytes }) => readTensor(bytes, file))
  if (tensors.some(({ isElsewhere }) => isElsewhere)) return undefined
  const constants = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  const channels = new Map<string, number>()
  const added = new ProtobufWriter()
  const message = new ProtobufWriter()
  for (const { number, bytes, whole } of fields) {
    const node = number === 1 ? readNode(bytes, file) : undefined
    if (node === undefined) {
      message.whole(whole)
      continue
    }
    const count = channelsOf(node, channels, constants)
    if (count !== undefined) channels.set(node.outputs[0]!, count)
    const slopes = node.op === 'PRelu' ? slopesOf(node, constants) : undefined
    if (slopes === undefined || slopes.length !== count) {
      message.whole(whole)
      continue
    }
    const { nodes, initializers } = preluOfOthers(node, slopes)
    for (const one of nodes) message.message(1, encodeNode(one))
    for (const one of initializers) added.message(5, encodeTensor(one))
  }
  if (added.length === 0) return undefined
  for (const piece of added.pieces) message.whole(piece)
  return message
}

/** Those of a node's output, if it is known to be images [N, C, H, W] without the shapes of everything. */
function channelsOf(
  { op, domain, inputs }: OnnxNode,
  channels: ReadonlyMap<string, number>,
  constants: ReadonlyMap<string, Tensor>,
): number | undefined {
  if (domain !== undefined) return undefined
  if (KEEP_SHAPE.has(op)) return channels.get(inputs[0]!)
  const filter = op === 'Conv' ? constants.get(inputs[1]!)?.shape : undefined
  return filter?.length === 4 ? filter[0] : undefined
}

/** One for each channel, if the slopes are constants of that shape. */
function slopesOf({ inputs }: OnnxNode, constants: ReadonlyMap<string, Tensor>): Float32Array | undefined {
  const { shape = [], floats = [] } = constants.get(inputs[1]!) ?? {}
  const [channels, ...pixels] = shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape
  if (pixels.length !== 2 || pixels.some((size) => size !== 1)) return undefined
  const bytes = Buffer.concat(floats)
  if (bytes.length !== 4 * channels!) return undefined
  return Float32Array.from({ length: channels! }, (_, channel) => bytes.readFloatLE(4 * channel))
}

function preluOfOthers(
  { inputs: [x], outputs: [output] }: OnnxNode,
  slopes: Float32Array,
): { nodes: OnnxNode[]; initializers: Initializer[] } {
  const name = (suffix: string) => `${output}/${suffix}`
  const vector = (suffix: string, values: Float32Array): Initializer => {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    return { name: name(suffix), elementType: 'float32', shape: [values.length], bytes }
  }
  const node = (op: string, inputs: string[], result: string): OnnxNode => {
    return { op, inputs, outputs: [result], attributes: {} }
  }
  const scaled = (input: string, factor: string, result: string): OnnxNode => ({
    ...node('BatchNormalization', [input, ...[factor, 'zero', 'zero', 'one'].map(name)], result),
    attributes: { epsilon: { float: EPSILON } },
  })
  const positive = slopes.every((slope) => slope <= 1)
    ? [scaled(x!, 'rest', name('scaled')), node('Relu', [name('scaled')], name('positive'))]
    : [node('Relu', [x!], name('relu')), scaled(name('relu'), 'rest', name('positive'))]
  const sum = node('Add', [name('positive'), name('line')], output!)
  return {
    nodes: [...positive, scaled(x!, 'slope', name('line')), sum],
    initializers: [
      vector('slope', slopes),
      vector(
        'rest',
        slopes.map((slope) => 1 - slope),
      ),
      vector('zero', new Float32Array(slopes.length)),
      vector('one', new Float32Array(slopes.length).fill(1)),
    ],
  }
}

interface Tensor {
  name: string
  shape: number[]
  /** Little-endian float32 values in pieces; none for other types. */
  floats: Uint8Array[]
  /** In a file of its own. */
  isElsewhere: boolean
}

function readTensor(bytes: Uint8Array, file: string): Tensor {
  const tensor: Tensor = { name: '', shape: [], floats: [], isElsewhere: false }
  let elementType = 0
  for (const field of readFields(bytes, file)) {
    if (field.number === 1) tensor.shape.push(...integersOf(field))
    if (field.number === 2) elementType = field.integer
    if (field.number === 4 || field.number === 9) tensor.floats.push(field.bytes)
    if (field.number === 8) tensor.name = text(field)
    if (field.number === 14) tensor.isElsewhere = field.integer === 1
  }
  return elementType === ElementTypes.float32 ? tensor : { ...tensor, floats: [] }
}

function readNode(bytes: Uint8Array, file: string): OnnxNode {
  const node = { inputs: [] as string[], outputs: [] as string[] }
  let [op, domain] = ['', '']
  for (const field of readFields(bytes, file)) {
    if (field.number === 1) node.inputs.push(text(field))
    if (field.number === 2) node.outputs.push(text(field))
    if (field.number === 4) op = text(field)
    if (field.number === 7) domain = text(field)
  }
  return { ...node, op, attributes: {}, ...(domain !== '' && domain !== 'ai.onnx' && { domain }) }
}
