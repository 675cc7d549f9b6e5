import { Tensor } from 'onnxruntime-node'
import { expect } from 'vitest'
import { Graph, type Value } from '../../../src/engines/onnxruntime/graph.js'
import { lower } from '../../../src/engines/onnxruntime/lowering.js'
import { createRuntimeSession } from '../../../src/engines/onnxruntime/runtime.js'
import { type MarginHead, marginHeadNodes } from '../../../src/network/index.js'
import { distance, norm } from '../reference.js'

/** What a head makes of embeddings: the loss and its gradients. */
export interface HeadResult {
  loss: number
  embedding: number[]
  weight: number[]
  /** Its statistics after the step, where it has some. */
  statistics?: Record<string, number>
}

export interface HeadInputs {
  /** [labels.length, size] */
  embedding: Float32Array
  /** [classes, size] */
  weight: Float32Array
  labels: readonly number[]
  classes: number
  statistics?: Readonly<Record<string, number>>
}

/** A head alone, forward and backward. */
export async function runHead(
  head: MarginHead,
  { embedding, weight, labels, classes, statistics = {} }: HeadInputs,
): Promise<HeadResult> {
  const graph = new Graph()
  const size = weight.length / classes
  const tensors: Record<string, Tensor> = {
    embedding: new Tensor('float32', embedding, [labels.length, size]),
    labels: new Tensor('int32', Int32Array.from(labels), [labels.length]),
    weight: new Tensor('float32', weight, [classes, size]),
  }
  for (const [name, value] of Object.entries(statistics)) tensors[name] = new Tensor('float32', [value], [1])
  const values: Record<string, Value> = {}
  for (const [name, { type, dims }] of Object.entries(tensors)) {
    values[name] = graph.input(name, type as 'float32' | 'int32', dims)
  }
  const { embedding: input, labels: labelInput, ...parameters } = values
  const lowering = { graph, training: true, parameters: new Map(Object.entries(parameters)) }
  const nodes = marginHeadNodes(head, { classes, embedding: size })
  const forward = lower(lowering, nodes, { embedding: input!, labels: labelInput! })
  const gradients = forward.backward(graph.constant(1))
  graph.output('loss', forward.output)
  graph.output('gradient.embedding', gradients.inputs.get('embedding')!)
  graph.output('gradient.weight', gradients.parameters.get('weight')!)
  for (const [name, value] of forward.buffers) graph.output(`next.${name}`, value)
  const session = await createRuntimeSession(graph.toModel('head'), { provider: 'cpu', threads: 1 })
  const results = await session.run(tensors)
  await session.release()
  const numbers = (name: string) => [...(results[name]!.data as Float32Array)]
  const next = [...forward.buffers.keys()].map((name) => [name, numbers(`next.${name}`)[0]!] as const)
  return {
    loss: numbers('loss')[0]!,
    embedding: numbers('gradient.embedding'),
    weight: numbers('gradient.weight'),
    ...(next.length > 0 && { statistics: Object.fromEntries(next) }),
  }
}

/** Loss and each gradient, relative to their size. */
export function expectSameHead(actual: HeadResult, expected: HeadResult, tolerance: number): void {
  expect(Math.abs(actual.loss - expected.loss)).toBeLessThan(tolerance * expected.loss)
  for (const key of ['embedding', 'weight'] as const) {
    expect(distance(actual[key], expected[key]), key).toBeLessThan(tolerance * norm(expected[key]))
  }
}
