import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeModel } from '../../src/onnx/index.js'

/**
 * A model that embeds an image as its mean and 1, both times `gain`: what is bright lies in another direction than what
 * is dark. With mean 0 and std 255 the mean is the brightness, 0 to 1.
 */
export function writeBrightnessModel(path: string, size = 16, gain = 1): string {
  const float = (name: string, shape: number[], values: number[]) => ({
    name,
    elementType: 'float32' as const,
    shape,
    bytes: new Uint8Array(Float32Array.from(values).buffer),
  })
  const length = 3 * size * size
  const weights = Array.from({ length: length * 2 }, (_, i) => (i % 2 === 0 ? (gain * 5) / length : 0))
  const model = encodeModel({
    name: 'brightness',
    nodes: [
      { op: 'Flatten', inputs: ['data'], outputs: ['flat'], attributes: { axis: 1 } },
      { op: 'Gemm', inputs: ['flat', 'weight', 'bias'], outputs: ['embeddings'], attributes: {} },
    ],
    inputs: [{ name: 'data', elementType: 'float32', shape: ['batch', 3, size, size] }],
    outputs: [{ name: 'embeddings', elementType: 'float32', shape: ['batch', 2] }],
    initializers: [float('weight', [length, 2], weights), float('bias', [2], [-gain * 2, gain])],
    metadata: new Map([
      ['color', 'rgb'],
      ['mean', '0'],
      ['std', '255'],
    ]),
  })
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, Buffer.concat(model))
  return path
}
