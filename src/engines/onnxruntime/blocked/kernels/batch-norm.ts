import { parameterOf } from '../../../kernel.js'
import { arriveBlocked, type BlockedKernel } from '../blocked-kernel.js'
import { affine, channelProducts, channelSums } from '../operators.js'
import { batchStatistics, inputTerms, runningAffine } from './batch-statistics.js'

export const batchNorm: BlockedKernel<'batchNorm'> = {
  accepts: (_node, inputs) => arriveBlocked(inputs),

  forward(lowering, node, [x]) {
    const { graph } = lowering
    if (!lowering.training) {
      const { factor, offset } = runningAffine(lowering, node)
      return { output: affine(graph, x!, factor, { bias: offset }), saved: [] }
    }
    const { centred, inverse, factor, buffers } = batchStatistics(lowering, node, x!)
    const bias = parameterOf(lowering, node, 'bias')
    return { output: affine(graph, centred, factor, { bias }), saved: [centred, inverse, factor], buffers }
  },

  backward({ graph }, node, [centred, inverse, factor], gradient) {
    const sum = channelSums(graph, gradient)
    const correlation = channelProducts(graph, gradient, centred!)
    const { slope, offset } = inputTerms(graph, centred!, inverse!, factor!, { sum, correlation })
    const scaled = affine(graph, gradient, factor!)
    return {
      inputs: [affine(graph, centred!, slope, { bias: offset, sum: scaled })],
      parameters: new Map([
        [`${node.name}.weight`, graph.multiply(correlation, inverse!)],
        [`${node.name}.bias`, sum],
      ]),
    }
  },
}
