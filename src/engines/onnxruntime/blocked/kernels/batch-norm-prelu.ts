import { parameterOf } from '../../../kernel.js'
import type { Value } from '../../graph.js'
import { type BlockedKernel, fillsBlocks } from '../blocked-kernel.js'
import { affine, channelProducts, channelSums } from '../operators.js'
import { batchStatistics, inputTerms, runningAffine } from './batch-statistics.js'
import { positivePart, preluOfAffine } from './prelu.js'

/** PReLU of BatchNorm. What lies between them is not kept: each way computes it again within its own passes. */
export const batchNormPrelu: BlockedKernel<'batchNormPrelu'> = {
  accepts: (_node, [x], block) => fillsBlocks(x!, block),

  forward(lowering, { attributes: { batchNorm, prelu } }, [x]) {
    const { graph } = lowering
    const slope = parameterOf(lowering, prelu, 'weight')
    if (!lowering.training) {
      return { output: preluOfAffine(graph, x!, { ...runningAffine(lowering, batchNorm), slope }), saved: [] }
    }
    const { centred, inverse, factor, buffers } = batchStatistics(lowering, batchNorm, x!)
    const offset = parameterOf(lowering, batchNorm, 'bias')
    const activated = () => preluOfAffine(graph, centred, { factor, offset, slope })
    const saved = [centred, inverse, factor, offset, slope]
    return { output: activated(), saved, buffers, again: activated }
  },

  backward(
    { graph },
    { attributes: { batchNorm, prelu } },
    [centred, inverse, factor, offset, slope],
    gradient,
  ) {
    const passed = positivePart(graph, gradient, centred!, { factor: factor!, offset: offset! })
    const sums = { gradient: channelSums(graph, gradient), passed: channelSums(graph, passed) }
    const products = {
      gradient: channelProducts(graph, gradient, centred!),
      passed: channelProducts(graph, passed, centred!),
    }
    const rest = graph.subtract(1, slope!)
    // The gradient of BatchNorm's output is slope * gradient + (1 - slope) * passed.
    const mixed = (of: { gradient: Value; passed: Value }) =>
      graph.add(graph.multiply(slope!, of.gradient), graph.multiply(rest, of.passed))
    const [sum, correlation] = [mixed(sums), mixed(products)]
    const { slope: centredSlope, offset: shift } = inputTerms(graph, centred!, inverse!, factor!, {
      sum,
      correlation,
    })
    let input = affine(graph, centred!, centredSlope, { bias: shift })
    input = affine(graph, passed, graph.multiply(factor!, rest), { sum: input })
    input = affine(graph, gradient, graph.multiply(factor!, slope!), { sum: input })
    // Where BatchNorm's output is negative, it is the slope's gradient: factor * centred + offset.
    const slopeGradient = graph.add(
      graph.multiply(factor!, graph.subtract(products.gradient, products.passed)),
      graph.multiply(offset!, graph.subtract(sums.gradient, sums.passed)),
    )
    return {
      inputs: [input],
      parameters: new Map([
        [`${batchNorm.name}.weight`, graph.multiply(correlation, inverse!)],
        [`${batchNorm.name}.bias`, sum],
        [`${prelu.name}.weight`, slopeGradient],
      ]),
    }
  },
}
