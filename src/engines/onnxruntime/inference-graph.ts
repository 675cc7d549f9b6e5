import { type Backbone, parametersOf } from '../../network/index.js'
import type { OnnxModel } from '../../onnx/index.js'
import { FREE } from '../operators.js'
import { type Execution, PORTABLE_CPU } from './execution.js'
import { FORMS } from './forms.js'
import { Graph, type Value } from './graph.js'
import { lower } from './lowering.js'

/**
 * The forward pass with running statistics and the weights inside: input `data` float32 [batch, 3, H, W], already
 * normalised, output `embedding` [batch, size], any batch. Standard ONNX in the portable lowering of
 * the processor.
 */
export function inferenceGraph(
  backbone: Backbone,
  weights: (name: string) => Float32Array,
  metadata: ReadonlyMap<string, string>,
  { block, provider }: Execution = PORTABLE_CPU,
): OnnxModel {
  const graph = new Graph(block, FORMS[provider])
  const { height, width } = backbone.inputSize
  const images = graph.input('data', 'float32', [FREE, 3, height, width])
  const parameters = new Map<string, Value>()
  for (const { name, shape } of parametersOf(backbone.nodes)) {
    parameters.set(name, graph.initializer(name, shape, weights(name)))
  }
  const { output } = lower({ graph, training: false, parameters }, backbone.nodes, { images })
  graph.output('embedding', output)
  return graph.toModel(backbone.name, metadata)
}
