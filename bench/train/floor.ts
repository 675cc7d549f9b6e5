import { availableParallelism } from 'node:os'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { Graph, type Value } from '../../dist/engines/onnxruntime/graph.js'
import { lower } from '../../dist/engines/onnxruntime/lowering.js'
import { elementCount, namedBackbone, parametersOf } from '../../dist/network/index.js'
import { encodeModel } from '../../dist/onnx/index.js'

export interface FloorWork {
  network: 'mbf' | 'r18' | 'r50'
  batchSize: number
  classes: number
}

/** What no formulation of a training step does without, as this machine's own speed has it. */
export interface Floor {
  /** Multiplications and additions of the matrix products: dense convolutions, linear layers and the head, three ways. */
  flops: number
  /** Of images and their gradients, where each operation reads what it takes and writes what it gives once. */
  bytes: number
  /** Both, one after the other. */
  seconds: number
}

/** What this machine does a second, on all cores. */
export interface MachineRates {
  flops: number
  bytes: number
}

const EMBEDDING = 512
const SIZE = 112

export function floorOf({ network, batchSize, classes }: FloorWork, rates: MachineRates): Floor {
  const backbone = namedBackbone(network, {}, { embeddingSize: EMBEDDING, imageSize: SIZE })
  const graph = new Graph()
  const parameters = new Map<string, Value>()
  for (const { name, shape } of parametersOf(backbone.nodes)) {
    parameters.set(name, graph.input(name, 'float32', shape))
  }
  const images = graph.input('images', 'float32', [batchSize, 3, SIZE, SIZE])
  const { steps } = lower({ graph, training: true, parameters }, backbone.nodes, { images })
  const outputs = new Map([
    ['images', images],
    ...steps.map(({ node, output }) => [node.name, output] as const),
  ])
  // Forward, and the gradients of both factors.
  let flops = 3 * 2 * batchSize * EMBEDDING * classes
  let numbers = 0
  for (const { node, output } of steps) {
    const inputs = node.inputs.map((name) => elementCount(outputs.get(name)!.shape))
    const read = inputs.reduce((sum, count) => sum + count, 0)
    const written = elementCount(output.shape)
    const [out, ...window] = node.parameters[0]?.shape ?? []
    const isProduct = (node.op === 'conv2d' && node.attributes.groups === 1) || node.op === 'linear'
    if (isProduct) flops += 3 * 2 * (written / out!) * out! * window.reduce((a, b) => a * b, 1)
    if (node.op === 'flatten') continue
    const forward = read + written
    const backward = node.op === 'add' ? 0 : 2 * read + written + (node.op === 'conv2d' ? written : 0)
    numbers += forward + backward
  }
  const bytes = 4 * numbers
  return { flops, bytes, seconds: flops / rates.flops + bytes / rates.bytes }
}

/** Operators one after the other, so that what begins and ends a run does not count. */
const REPEATS = 10

/** The rates of onnxruntime's own matrix product and addition, the best of some runs. */
export async function measureRates(): Promise<MachineRates> {
  const [rows, width] = [16384, 256]
  const products = await best([rows, width], [width, width], (graph, x, y) => graph.matmuls(x, y))
  const numbers = 2 ** 23
  const sums = await best([numbers], [numbers], (graph, x, y) => graph.add(x, y))
  return {
    flops: (REPEATS * 2 * rows * width * width) / products,
    bytes: (REPEATS * 3 * 4 * numbers) / sums,
  }
}

/** Seconds of an operator that is repeated on its own result. */
async function best(
  first: readonly number[],
  second: readonly number[],
  operator: (graph: Graph, x: Value, y: Value) => Value,
): Promise<number> {
  const graph = new Graph()
  let x = graph.input('a', 'float32', first)
  const y = graph.input('b', 'float32', second)
  for (let turn = 0; turn < REPEATS; turn++) x = operator(graph, x, y)
  graph.output('result', graph.reduceSum(x, [...first.keys()]))
  const model = graph.toModel('rate')
  const session = await InferenceSession.create(Buffer.concat(encodeModel(model)), {
    intraOpNumThreads: availableParallelism(),
  })
  const feeds = Object.fromEntries(
    model.inputs.map(({ name, shape }) => {
      const data = new Float32Array(elementCount(shape as number[])).fill(2 ** -7)
      return [name, new Tensor('float32', data, shape as number[])]
    }),
  )
  let least = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < 12; turn++) {
    const start = performance.now()
    const results = await session.run(feeds)
    least = Math.min(least, (performance.now() - start) / 1000)
    results['result']!.dispose()
  }
  await session.release()
  return least
}
