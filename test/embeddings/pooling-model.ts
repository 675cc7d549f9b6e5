import { writeFile } from 'node:fs/promises'
import { encodeModel } from '../../src/onnx/index.js'

/** Cells of a side that the model sees. */
const CELLS = 4

/**
 * Writes an embedder that takes images of this size and returns the mean colours of 4x4 cells, 48 numbers: enough to
 * tell the identities of `tinyImage` apart. @param mean changes the file and its embeddings
 */
export async function writePoolingModel(path: string, size: number, mean = 127.5): Promise<void> {
  const side = size / CELLS
  const model = {
    name: 'pooling',
    nodes: [
      {
        op: 'AveragePool',
        inputs: ['image'],
        outputs: ['cells'],
        attributes: { kernel_shape: [side, side], strides: [side, side] },
      },
      { op: 'Flatten', inputs: ['cells'], outputs: ['embedding'], attributes: { axis: 1 } },
    ],
    inputs: [{ name: 'image', elementType: 'float32', shape: ['N', 3, size, size] }],
    outputs: [{ name: 'embedding', elementType: 'float32', shape: ['N', 3 * CELLS * CELLS] }],
    initializers: [],
    metadata: new Map([['mean', String(mean)]]),
  } as const
  await writeFile(path, Buffer.concat(encodeModel(model)))
}
