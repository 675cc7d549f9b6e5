import { SMALLEST_PROBABILITY } from '../../numeric-limits.js'
import type { Kernel } from '../kernel.js'
import { atLabel, isLabel } from './labels.js'

export const softmaxCrossEntropy: Kernel<'softmaxCrossEntropy'> = {
  forward({ graph }, _node, [logits, labels]) {
    const probabilities = graph.unary('Softmax', logits!)
    const target = graph.maximum(atLabel(graph, probabilities, labels!), SMALLEST_PROBABILITY)
    const output = graph.unary('Neg', graph.reduceMean(graph.unary('Log', target), [0, 1]))
    return { output, saved: [probabilities, labels!] }
  },

  backward({ graph }, _node, [probabilities, labels], gradient) {
    const [batch, classes] = probabilities!.shape as [number, number]
    const oneHot = graph.cast(isLabel(graph, labels!, classes), 'float32')
    const difference = graph.subtract(probabilities!, oneHot)
    return { inputs: [graph.multiply(difference, graph.multiply(gradient, 1 / batch)), undefined] }
  },
}
