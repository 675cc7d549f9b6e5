import type { CommonKernel } from '../kernel.js'

export const standardize: CommonKernel<'standardize'> = {
  forward({ graph, parameters }, node, [x]) {
    const { momentum, epsilon } = node.attributes
    const [meanName, deviationName] = node.parameters.map(({ name }) => name) as [string, string]
    const count = x!.shape[0]!
    const mean = graph.reduceMean(x!, [0, 1])
    const squares = graph.reduceSumSquare(graph.subtract(x!, mean), [0, 1])
    const variance = graph.multiply(squares, 1 / Math.max(count - 1, 1))
    const blend = (name: string, current: typeof mean) =>
      graph.add(graph.multiply(parameters.get(name)!, 1 - momentum), graph.multiply(current, momentum))
    const runningMean = blend(meanName, mean)
    const runningDeviation = blend(deviationName, graph.unary('Sqrt', variance))
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
