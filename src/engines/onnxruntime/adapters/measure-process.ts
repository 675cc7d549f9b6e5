import { Tensor } from 'onnxruntime-node'
import type { RuntimeProvider } from '../../embedder.js'
import { Graph } from '../graph.js'
import { createRuntimeSession } from '../runtime.js'
import { MEASURED_SIZE, type MeasuredAdapter } from './measure-adapter.js'

const SIZE = MEASURED_SIZE
const SECONDS = 2

/** Of every element; a product with the identity leaves it as it is. */
const VALUE = 0.5

/** Entry of a process of its own: matrix products on the provider of its argument for two seconds. */
async function measure(provider: RuntimeProvider): Promise<MeasuredAdapter> {
  const graph = new Graph()
  const [a, b] = [graph.input('a', 'float32', [SIZE, SIZE]), graph.input('b', 'float32', [SIZE, SIZE])]
  graph.output('next.a', graph.matmuls(a, b))
  graph.output('sum', graph.reduceSum(a, [0, 1]))
  const session = await createRuntimeSession(graph.toModel('measure'), {
    provider,
    staying: ['next.a'],
    alone: provider === 'webgpu',
  })
  const identity = Float32Array.from({ length: SIZE ** 2 }, (_, i) => (i % (SIZE + 1) === 0 ? 1 : 0))
  const feeds: { a: Tensor; b: Tensor } = {
    a: new Tensor('float32', new Float32Array(SIZE ** 2).fill(VALUE), [SIZE, SIZE]),
    b: new Tensor('float32', identity, [SIZE, SIZE]),
  }
  let [products, start] = [0, performance.now()]
  let problem: string | undefined
  do {
    const results = await session.run(feeds)
    feeds.a.dispose()
    feeds.a = results['next.a'] as Tensor
    const sum = (results['sum'] as Tensor).data[0] as number
    if (sum !== VALUE * SIZE ** 2) problem = `computed ${sum} in place of ${VALUE * SIZE ** 2}`
    // The first one compiles.
    if (products++ === 0) start = performance.now()
  } while (problem === undefined && performance.now() - start < SECONDS * 1000)
  const seconds = (performance.now() - start) / 1000
  await session.release()
  return { problem, productsPerSecond: (products - 1) / seconds }
}

process.stdout.write(`${JSON.stringify(await measure(process.argv[2] as RuntimeProvider))}\n`)
