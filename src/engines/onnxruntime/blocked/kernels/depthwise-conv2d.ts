import { parameterOf } from '../../../kernel.js'
import { type BlockedKernel, fillsBlocks } from '../blocked-kernel.js'
import { turned } from '../layout.js'
import { depthwise, depthwiseFilterGradient, spread } from '../operators.js'
import { spreadPads } from './strided-gradient.js'

/** A filter for each channel that keeps the image's size, with stride 1 or 2. */
export const depthwiseConv2d: BlockedKernel<'conv2d'> = {
  accepts({ attributes: { kernel, stride, padding, groups }, parameters }, [x], block) {
    const [out, inside] = parameters[0]!.shape as [number, number]
    const sizes = 2 * padding === kernel - 1 && (stride === 1 || (stride === 2 && kernel > 1))
    return groups === out && inside === 1 && fillsBlocks(x!, block) && sizes
  },

  forward(lowering, node, [x]) {
    const weight = parameterOf(lowering, node, 'weight')
    const { kernel, stride, padding } = node.attributes
    const pads = [padding, padding, padding, padding] as const
    const output = depthwise(lowering.graph, x!, weight, { kernel: [kernel, kernel], stride, pads })
    return { output, saved: [x!, weight] }
  },

  backward({ graph }, node, [x, weight], gradient) {
    const { kernel, stride, padding } = node.attributes
    const input = depthwise(
      graph,
      stride === 1 ? gradient : spread(graph, gradient),
      turned(graph, weight!),
      {
        kernel: [kernel, kernel],
        pads: stride === 1 ? [padding, padding, padding, padding] : spreadPads(x!, gradient, padding),
      },
    )
    return {
      inputs: [input],
      parameters: new Map([
        [`${node.name}.weight`, depthwiseFilterGradient(graph, x!, gradient, node.attributes)],
      ]),
    }
  },
}
