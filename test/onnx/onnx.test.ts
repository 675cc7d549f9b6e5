import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { encodeModel, type OnnxModel, readSignature } from '../../src/onnx/index.js'
import { oracle, runOracle } from '../oracles/python.js'

/** x * scale + 1, cut at 6, over a free batch, with every kind of attribute and element type that is written. */
const model: OnnxModel = {
  name: 'example',
  nodes: [
    { op: 'Cast', inputs: ['pixels'], outputs: ['x'], attributes: { to: 1 } },
    { op: 'Mul', inputs: ['x', 'scale'], outputs: ['scaled'], attributes: {} },
    { op: 'Clip', inputs: ['scaled', '', 'six'], outputs: ['cut'], attributes: {} },
    { op: 'Transpose', inputs: ['cut'], outputs: ['turned'], attributes: { perm: [1, 0] } },
    { op: 'LeakyRelu', inputs: ['turned'], outputs: ['y'], attributes: { alpha: { float: 0.5 } } },
  ],
  inputs: [{ name: 'pixels', elementType: 'uint8', shape: ['N', 2] }],
  outputs: [{ name: 'y', elementType: 'float32', shape: [2, 'N'] }],
  initializers: [
    {
      name: 'scale',
      elementType: 'float32',
      shape: [2],
      bytes: new Uint8Array(Float32Array.of(2, -1).buffer),
    },
    { name: 'six', elementType: 'float32', shape: [], bytes: new Uint8Array(Float32Array.of(6).buffer) },
  ],
  metadata: new Map([
    ['color', 'rgb'],
    ['author', 'Zoë'],
  ]),
}

describe('ONNX models', () => {
  it('are what the runtime reads', async () => {
    const session = await InferenceSession.create(Buffer.concat(encodeModel(model)))
    const pixels = new Tensor('uint8', Uint8Array.of(1, 2, 3, 4, 5, 6), [3, 2])
    const { y } = await session.run({ pixels })
    expect(y!.dims).toEqual([2, 3])
    expect([...(y!.data as Float32Array)]).toEqual([2, 6, 6, -1, -2, -3])
    await session.release()
  })

  it('give back their signature', () => {
    const { inputs, outputs, metadata } = readSignature(Buffer.concat(encodeModel(model)), 'm.onnx')
    expect(inputs).toEqual(model.inputs)
    expect(outputs).toEqual(model.outputs)
    expect(metadata).toEqual(model.metadata)
  })

  it('share the memory of their weights until they are written', () => {
    const { bytes } = model.initializers[0]!
    expect(encodeModel(model)).toContain(bytes)
  })

  it('name the file where they are damaged', () => {
    const bytes = Buffer.concat(encodeModel(model))
    expect(() => readSignature(bytes.subarray(0, 40), 'm.onnx')).toThrow(
      /^m.onnx: at offset \d+: is no protobuf/,
    )
  })

  it.skipIf(oracle('torch') === undefined)('pass onnx.checker (needs the torch oracle)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'facedata-onnx-'))
    const path = join(folder, 'm.onnx')
    await writeFile(path, Buffer.concat(encodeModel(model)))
    await runOracle('torch', 'check_onnx.py', path)
    await rm(folder, { recursive: true })
  })
})
