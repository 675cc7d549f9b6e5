import type { NodeOf } from '../../../../network/index.js'
import { parameterOf } from '../../../kernel.js'
import type { Graph, Value } from '../../graph.js'
import { type BlockedKernel, fillsBlocks } from '../blocked-kernel.js'
import { filter, turnedFilter } from '../layout.js'
import { convolution } from '../operators.js'
import { filterGradient } from './filter-gradient.js'
import { stridedInputGradient } from './strided-gradient.js'

/** One group: 1x1, and larger kernels that keep the image's size, with stride 1 or 2. */
export const denseConv2d: BlockedKernel<'conv2d'> = {
  accepts({ attributes: { kernel, stride, padding, groups }, parameters }, [x], block) {
    const out = parameters[0]!.shape[0]!
    const covered = stride === 1 || (stride === 2 && (kernel > 1 || isEven(x!)))
    return (
      groups === 1 && fillsBlocks(x!, block) && out % block === 0 && 2 * padding === kernel - 1 && covered
    )
  },

  forward(lowering, node, [x]) {
    const { graph } = lowering
    const weight = parameterOf(lowering, node, 'weight')
    const { kernel, stride, padding } = node.attributes
    const output = convolution(
      graph,
      x!,
      filter(graph, weight, x!.block!),
      { kernel: [kernel, kernel], stride, pads: [padding, padding, padding, padding] },
      x!.block!,
    )
    return { output, saved: [x!, weight] }
  },

  backward({ graph }, node, [x, weight], gradient) {
    return {
      inputs: [inputGradient(graph, node, x!, weight!, gradient)],
      parameters: new Map([
        [`${node.name}.weight`, filterGradient(graph, node.attributes, x!, weight!, gradient)],
      ]),
    }
  },
}

function isEven({ shape }: Value): boolean {
  return shape[2]! % 2 === 0 && shape[3]! % 2 === 0
}

function inputGradient(
  graph: Graph,
  { attributes }: NodeOf<'conv2d'>,
  x: Value,
  weight: Value,
  gradient: Value,
): Value {
  const { kernel, stride, padding } = attributes
  if (stride === 2) return stridedInputGradient(graph, attributes, x, weight, gradient)
  const block = x.block!
  return convolution(
    graph,
    gradient,
    turnedFilter(graph, weight, block),
    { kernel: [kernel, kernel], pads: [padding, padding, padding, padding] },
    block,
  )
}
