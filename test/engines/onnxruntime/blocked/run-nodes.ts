import { Tensor } from 'onnxruntime-node'
import { Graph, type Value } from '../../../../src/engines/onnxruntime/graph.js'
import { lower } from '../../../../src/engines/onnxruntime/lowering.js'
import { createRuntimeSession } from '../../../../src/engines/onnxruntime/runtime.js'
import { type Node, parametersOf } from '../../../../src/network/index.js'
import { hashedValues } from '../../reference.js'

/**
 * Output, gradients and statistics of nodes that read `images`, on hashed values, by name. Slopes of PReLU lie from -0.3
 * to 1.7, the values of `images` around `base`.
 */
export async function runNodes(
  nodes: readonly Node[],
  imageShape: readonly number[],
  block: number | undefined,
  { base = 0, training = true, keptBytes }: { base?: number; training?: boolean; keptBytes?: number } = {},
): Promise<{ operators: string[]; values: Map<string, Float32Array> }> {
  const graph = new Graph(block)
  const feeds: Record<string, Tensor> = {}
  const declare = (name: string, shape: readonly number[], around: number, spread: number): Value => {
    const values = hashedValues({ shape, base: around, spread }, Object.keys(feeds).length)
    feeds[name] = new Tensor('float32', values, shape)
    return graph.input(name, 'float32', shape)
  }
  const parameters = new Map<string, Value>()
  const images = declare('images', imageShape, base, 1)
  for (const { name, shape, role } of parametersOf(nodes)) {
    const isSlope = nodes.some(({ op, name: node }) => op === 'prelu' && name === `${node}.weight`)
    const around = isSlope ? 0.7 : shape.length === 1 && !name.endsWith('bias') ? 1 : 0
    const spread = role === 'statistic' ? 0.3 : isSlope ? 1 : shape.length > 1 ? 0.3 : 0.5
    parameters.set(name, declare(name, shape, around, spread))
  }
  const lowering = { graph, training, parameters }
  const forward = lower(lowering, nodes, { images })
  graph.output('output', forward.output)
  if (training) {
    const gradient = declare('output gradient', forward.output.shape, 0, 1)
    const gradients = forward.backward(gradient, keptBytes)
    for (const [name, value] of gradients.inputs) graph.output(`gradient of ${name}`, value)
    for (const [name, value] of gradients.parameters) graph.output(`gradient of ${name}`, value)
    for (const [name, value] of forward.buffers) graph.output(`next ${name}`, value)
  }
  const model = graph.toModel('nodes')
  const session = await createRuntimeSession(model, {
    ...{ provider: 'cpu', threads: 1 },
    optimize: block === undefined,
  })
  const results = await session.run(feeds)
  await session.release()
  return {
    operators: model.nodes.map(({ op, domain }) => (domain === undefined ? op : `${domain}.${op}`)),
    values: new Map(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array])),
  }
}
