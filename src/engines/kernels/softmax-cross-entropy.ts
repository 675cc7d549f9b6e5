import type { CommonKernel } from '../kernel.js'
import { SMALLEST_PROBABILITY } from '../numeric-limits.js'

export const softmaxCrossEntropy: CommonKernel<'softmaxCrossEntropy'> = {
  forward({ graph }, _node, [logits, labels]) {
    const probabilities = graph.softmax(logits!)
    const target = graph.maximum(graph.atLabel(probabilities, labels!), SMALLEST_PROBABILITY)
    const output = graph.unary('Neg', graph.reduceMean(graph.unary('Log', target), [0, 1]))
    return { output, saved: [probabilities, labels!] }
  },

  backward({ graph }, _node, [probabilities, labels], gradient) {
    const [batch, classes] = probabilities!.shape as [number, number]
    const oneHot = graph.toFloat(graph.isLabel(labels!, classes))
    const difference = graph.subtract(probabilities!, oneHot)
    return { inputs: [graph.multiply(difference, graph.multiply(gradient, 1 / batch)), undefined] }
  },
}
