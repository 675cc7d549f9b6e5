import { parameterOf } from '../../../kernel.js'
import { type BlockedKernel, fillsBlocks } from '../blocked-kernel.js'
import { asBlocked, asRowMajor, depthwiseFilter, fromDepthwiseFilter } from '../layout.js'
import { depthwise } from '../operators.js'

/** A filter for each channel that covers the whole image: one pixel is left. */
export const globalConv2d: BlockedKernel<'conv2d'> = {
  accepts({ attributes: { kernel, padding, groups }, parameters }, [x], block) {
    const [out, inside] = parameters[0]!.shape as [number, number]
    const covers = padding === 0 && x!.shape[2] === kernel && x!.shape[3] === kernel
    return groups === out && inside === 1 && fillsBlocks(x!, block) && covers
  },

  forward(lowering, node, [x]) {
    const weight = parameterOf(lowering, node, 'weight')
    const { kernel } = node.attributes
    const output = depthwise(lowering.graph, x!, weight, { kernel: [kernel, kernel] })
    return { output, saved: [x!, weight] }
  },

  backward({ graph }, node, [x, weight], gradient) {
    const block = x!.block!
    const [batch, channels, height, width] = x!.shape as [number, number, number, number]
    const pixels = height * width
    const each = asRowMajor(graph, gradient, [batch, channels / block, 1, block])
    const filter = asRowMajor(graph, depthwiseFilter(graph, weight!, block), [
      1,
      channels / block,
      pixels,
      block,
    ])
    const values = asRowMajor(graph, x!, [batch, channels / block, pixels, block])
    const products = graph.reduceSum(graph.multiply(values, each), [0])
    return {
      inputs: [asBlocked(graph, graph.multiply(each, filter), x!.shape, block)],
      parameters: new Map([
        [`${node.name}.weight`, fromDepthwiseFilter(graph, products, weight!.shape, block)],
      ]),
    }
  },
}
