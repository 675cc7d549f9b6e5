import { InferenceSession, Tensor } from 'onnxruntime-node'
import { encodeModel, type OnnxModel } from '../../../onnx/index.js'
import { BLOCKED_DOMAIN } from './layout.js'

/** Enough for two of the largest blocks. */
const CHANNELS = 32

/** Two pixels of 32 channels to blocks and back. */
const reordering: OnnxModel = {
  name: 'reordering',
  nodes: [
    { op: 'ReorderInput', domain: BLOCKED_DOMAIN, inputs: ['x'], outputs: ['blocked'], attributes: {} },
    {
      ...{ op: 'ReorderOutput', domain: BLOCKED_DOMAIN, inputs: ['blocked'], outputs: ['y'] },
      attributes: { channels: CHANNELS },
    },
  ],
  inputs: [{ name: 'x', elementType: 'float32', shape: [1, CHANNELS, 1, 2] }],
  outputs: ['blocked', 'y'].map((name) => ({ name, elementType: 'float32', shape: [1, CHANNELS, 1, 2] })),
  initializers: [],
  metadata: new Map(),
}

/**
 * Channels of a block of the blocked layout on this processor, 8 or 16, found by reordering two pixels; undefined where
 * the runtime lacks the operators or orders them in a way that is not known here.
 */
export async function findBlockSize(): Promise<number | undefined> {
  const values = Float32Array.from({ length: 2 * CHANNELS }, (_, index) => index)
  let session: InferenceSession | undefined
  try {
    session = await InferenceSession.create(Buffer.concat(encodeModel(reordering)), {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'disabled',
      logSeverityLevel: 4,
    })
    const { blocked, y } = await session.run({ x: new Tensor('float32', values, [1, CHANNELS, 1, 2]) })
    const back = y!.data as Float32Array
    const order = blocked!.data as Float32Array
    return [8, 16].find((block) =>
      values.every((value, i) => back[i] === value && order[placeOf(i, block)] === value),
    )
  } catch {
    return undefined
  } finally {
    await session?.release()
  }
}

/** Where an element of the two pixels lies among the blocks. */
function placeOf(index: number, block: number): number {
  const [channel, pixel] = [Math.floor(index / 2), index % 2]
  return (Math.floor(channel / block) * 2 + pixel) * block + (channel % block)
}
