import { SMALLEST_PROBABILITY } from '../../numeric-limits.js'
import type { Kernel } from '../kernel.js'
import { atLabel, isLabel } from './labels.js'

export const softmaxCrossEntropy: Kernel<'softmaxCrossEntropy'> = {
  forward({ graph }, _node, [logits, labels]) {
    const probabilities = graph.node('Softmax', [logits], logits!.shape, { axis: 1 })
    const target = graph.maximum(atLabel(graph, probabilities, labels!), SMALLEST_PROBABILITY)
    const output = graph.negate(graph.reduceMean(graph.node('Log', [target], target.shape), [0, 1]))
    return { output, saved: [probabilities, labels!] }
  },

  backward({ graph }, _node, [probabilities, labels], gradient) {
    const [batch, classes] = probabilities!.shape as [number, number]
    const mask = isLabel(graph, labels!, classes)
    const oneHot = graph.toFloat(mask)
    const difference = graph.subtract(probabilities!, oneHot)
    return { inputs: [graph.multiply(difference, graph.multiply(gradient, 1 / batch)), undefined] }
  },
}
