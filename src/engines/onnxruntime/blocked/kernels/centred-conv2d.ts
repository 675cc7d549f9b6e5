import { parameterOf } from '../../../kernel.js'
import { elementsOfChannel } from '../../kernels/channels.js'
import type { BlockedKernel } from '../blocked-kernel.js'
import { filter } from '../layout.js'
import { channelSums, convolution } from '../operators.js'
import { denseConv2d } from './dense-conv2d.js'

/**
 * A 1x1 convolution less the mean of each of its channels. That mean is the weight times the input's, so it is known
 * before the convolution and goes into its bias: BatchNorm has no pass of its own for it.
 */
export const centredConv2d: BlockedKernel<'centredConv2d'> = {
  accepts: () => true,

  forward(lowering, { attributes: { conv2d } }, [x]) {
    if (!lowering.training) return denseConv2d.forward(lowering, conv2d, [x!])
    const { graph } = lowering
    const weight = parameterOf(lowering, conv2d, 'weight')
    const [out, inside] = weight.shape as [number, number]
    const inputMean = graph.multiply(channelSums(graph, x!), 1 / elementsOfChannel(x!))
    const product = graph.matmuls(graph.reshape(weight, [out, inside]), graph.reshape(inputMean, [inside, 1]))
    const mean = graph.reshape(product, [out])
    const bias = graph.unary('Neg', mean)
    const output = convolution(graph, x!, filter(graph, weight, x!.block!), { kernel: [1, 1] }, x!.block!, {
      bias,
    })
    return { output: { ...output, mean }, saved: [x!, weight] }
  },

  backward(lowering, { attributes: { conv2d } }, saved, gradient) {
    return denseConv2d.backward(lowering, conv2d, saved, gradient)
  },
}
