import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import { encodeModel, type Initializer, type OnnxModel, replacePrelus } from '../../src/onnx/index.js'
import { ProtobufWriter, readFields } from '../../src/protobuf/index.js'

const CHANNELS = 4

function constant(name: string, shape: number[], values: readonly number[]): Initializer {
  return { name, elementType: 'float32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) }
}

/** Two PRelus behind a convolution, then one whose input has two axes. */
function model(slopes: readonly number[], slopeShape = [CHANNELS, 1, 1]): OnnxModel {
  const node = (op: string, inputs: string[], output: string, attributes = {}) => {
    return { op, inputs, outputs: [output], attributes }
  }
  const weights = Array.from({ length: CHANNELS * 3 * 9 }, (_, i) => Math.sin(i))
  return {
    name: 'prelus',
    nodes: [
      node('Conv', ['x', 'weight'], 'conv', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
      node('PRelu', ['conv', 'slope'], 'first'),
      node('Add', ['first', 'conv'], 'sum'),
      node('PRelu', ['sum', 'slope'], 'second'),
      node('ReduceMean', ['second'], 'means', { axes: [2, 3], keepdims: 0 }),
      node('PRelu', ['means', 'flat'], 'y'),
    ],
    inputs: [{ name: 'x', elementType: 'float32', shape: ['N', 3, 5, 7] }],
    outputs: [{ name: 'y', elementType: 'float32', shape: ['N', CHANNELS] }],
    initializers: [
      constant('weight', [CHANNELS, 3, 3, 3], weights),
      constant('slope', slopeShape, slopes),
      constant('flat', [CHANNELS], slopes.slice(0, CHANNELS)),
    ],
    metadata: new Map([['color', 'bgr']]),
  }
}

const encoded = (of: OnnxModel) => Buffer.concat(encodeModel(of))
const replaced = (of: OnnxModel) => Buffer.concat(replacePrelus(encoded(of), 'm.onnx')!)

function operators(bytes: Uint8Array): string[] {
  const within = (message: Uint8Array, number: number) => {
    return [...readFields(message, 'm.onnx')].filter((field) => field.number === number)
  }
  const nodes = within(bytes, 7).flatMap(({ bytes: graph }) => within(graph, 1))
  return nodes.flatMap(({ bytes: node }) => within(node, 4)).map(({ bytes: op }) => `${Buffer.from(op)}`)
}

async function run(bytes: Uint8Array): Promise<Float32Array> {
  const session = await InferenceSession.create(Buffer.from(bytes), { logSeverityLevel: 3 })
  const x = new Tensor(
    'float32',
    Float32Array.from({ length: 210 }, (_, i) => Math.cos(3 * i)),
    [2, 3, 5, 7],
  )
  const { y } = await session.run({ x })
  await session.release()
  return y!.data as Float32Array
}

describe('a model without PRelus', () => {
  it.each([
    ['with slopes up to 1', [0.25, 1, 0, -0.5]],
    ['with a slope above 1', [0.25, 1.5, 0, -0.5]],
  ])('computes the same, %s', async (_, slopes) => {
    for (const shape of [
      [CHANNELS, 1, 1],
      [1, CHANNELS, 1, 1],
    ]) {
      const of = model(slopes, shape)
      // The one that does not read images stays.
      expect(operators(replaced(of)).filter((op) => op === 'PRelu').length).toBe(1)
      const [expected, actual] = [await run(encoded(of)), await run(replaced(of))]
      expect([...actual]).toEqual([...expected].map((value) => expect.closeTo(value, 5)))
    }
  })

  it('is otherwise what it was', () => {
    const before = operators(encoded(model([0.1, 0.2, 0.3, 0.4])))
    const after = operators(replaced(model([0.1, 0.2, 0.3, 0.4])))
    const four = ['BatchNormalization', 'Relu', 'BatchNormalization', 'Add']
    expect(after).toEqual([...before.slice(0, 1), ...four, 'Add', ...four, ...before.slice(4)])
    const metadata = (bytes: Uint8Array) =>
      [...readFields(bytes, 'm.onnx')].filter(({ number }) => number !== 7).map(({ whole }) => [...whole])
    const of = model([0.1, 0.2, 0.3, 0.4])
    expect(metadata(replaced(of))).toEqual(metadata(encoded(of)))
  })

  it.each([
    ['whose slope is one for all', model([0.25, 0, 0, 0].slice(0, 1), [1, 1, 1])],
    ['whose slopes are of pixels', model(Array(CHANNELS * 35).fill(0.5), [CHANNELS, 5, 7])],
    [
      'whose slopes are computed',
      {
        ...model([0.1, 0.2, 0.3, 0.4]),
        initializers: model([0.1, 0.2, 0.3, 0.4]).initializers.filter(({ name }) => name !== 'slope'),
      },
    ],
    [
      'whose input may be no images',
      {
        ...model([0.1, 0.2, 0.3, 0.4]),
        nodes: model([0.1, 0.2, 0.3, 0.4]).nodes.map((node) => ({
          ...node,
          op: node.op === 'Conv' ? 'MatMul' : node.op,
        })),
      },
    ],
  ] satisfies [string, OnnxModel][])('is not made of one %s', (_, of) => {
    expect(replacePrelus(encoded(of), 'm.onnx')).toBeUndefined()
  })

  it('is not made where weights lie in other files, or of an old operator set', () => {
    const bytes = encoded(model([0.1, 0.2, 0.3, 0.4]))
    const graph = [...readFields(bytes, 'm.onnx')].find(({ number }) => number === 7)!
    const elsewhere = new ProtobufWriter().integers(1, [2]).integer(2, 1).string(8, 'far').integer(14, 1)
    const within = new ProtobufWriter().whole(graph.bytes).message(5, elsewhere)
    const opsets = new ProtobufWriter().message(8, new ProtobufWriter().string(1, '').integer(2, 17))
    const parted = (writer: ProtobufWriter) => Buffer.concat(writer.message(7, within).pieces)
    expect(replacePrelus(parted(opsets), 'm.onnx')).toBeUndefined()
    const opset = bytes.indexOf(Buffer.from([0x42, 0x04, 0x0a, 0x00, 0x10, 17]))
    expect(opset).toBeGreaterThan(0)
    const old = Buffer.from(bytes)
    old[opset + 5] = 8
    expect(replacePrelus(old, 'm.onnx')).toBeUndefined()
  })

  it('is an InputError or none, wherever the bytes are cut or changed', () => {
    const bytes = encoded(model([0.1, 0.2, 0.3, 0.4]))
    for (let place = 0; place < bytes.length; place++) {
      const changed = Buffer.from(bytes)
      changed[place] = (changed[place]! + 1 + (place % 200)) & 255
      for (const damaged of [bytes.subarray(0, place), changed]) {
        try {
          replacePrelus(damaged, 'm.onnx')
        } catch (error) {
          expect(error).toBeInstanceOf(InputError)
        }
      }
    }
  })
})
