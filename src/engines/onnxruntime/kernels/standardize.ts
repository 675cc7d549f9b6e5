import type { Value } from '../graph.js'
import type { Kernel } from '../kernel.js'

export const standardize: Kernel<'standardize'> = {
  forward({ graph, parameters }, node, [x]) {
    const { momentum, epsilon } = node.attributes
    const [meanName, deviationName] = node.parameters.map(({ name }) => name) as [string, string]
    const count = x!.shape[0]!
    const mean = graph.reduceMean(x!, [0, 1])
    const centred = graph.subtract(x!, mean)
    const variance = graph.multiply(graph.reduceSumSquare(centred, [0, 1]), 1 / Math.max(count - 1, 1))
    const blend = (name: string, current: Value) =>
      graph.add(graph.multiply(parameters.get(name)!, 1 - momentum), graph.multiply(current, momentum))
    const runningMean = blend(meanName, mean)
    const runningDeviation = blend(deviationName, graph.squareRoot(variance))
    const divisor = graph.add(runningDeviation, epsilon)
    return {
      output: graph.divide(graph.subtract(x!, runningMean), divisor),
      saved: [divisor],
      buffers: new Map([
        [meanName, runningMean],
        [deviationName, runningDeviation],
      ]),
    }
  },

  backward({ graph }, _node, [divisor], gradient) {
    return { inputs: [graph.divide(gradient, divisor!)] }
  },
}
