import type { OperationAttributes } from '../../../../network/index.js'
import { parameterOf } from '../../../kernel.js'
import type { Graph, Value } from '../../graph.js'
import type { BlockedKernel } from '../blocked-kernel.js'
import { rowMajorFilter, toRowMajor } from '../layout.js'
import { convolution } from '../operators.js'
import { correlatedImages, imagesFillBlocks } from './correlated-images.js'
import { byImage } from './filter-gradient.js'
import { tapImages } from './tap-images.js'

/** Of images with fewer channels than a block. They are the network's input: no gradient passes to them. */
export const stemConv2d: BlockedKernel<'conv2d'> = {
  rowMajorInputs: true,

  accepts({ inputs: [input], attributes: { groups }, parameters }, [x], block) {
    return (
      input === 'images' && groups === 1 && x!.shape[1]! < block && parameters[0]!.shape[0]! % block === 0
    )
  },

  forward(lowering, node, [x]) {
    const { graph } = lowering
    const weight = parameterOf(lowering, node, 'weight')
    const { kernel, stride, padding } = node.attributes
    const block = graph.block!
    const output = convolution(
      graph,
      x!,
      rowMajorFilter(graph, weight, block),
      { kernel: [kernel, kernel], stride, pads: [padding, padding, padding, padding] },
      block,
    )
    return { output, saved: [x!, weight] }
  },

  backward({ graph }, node, [x, weight], gradient) {
    const gradientOfWeight = imagesFillBlocks(gradient)
      ? correlatedImages(graph, node.attributes, x!, gradient)
      : tapProducts(graph, node.attributes, x!, weight!, gradient)
    return {
      inputs: [undefined],
      parameters: new Map([[`${node.name}.weight`, gradientOfWeight]]),
    }
  },
}

function tapProducts(
  graph: Graph,
  attributes: OperationAttributes['conv2d'],
  x: Value,
  weight: Value,
  gradient: Value,
): Value {
  const [batch, out, height, width] = gradient.shape as [number, number, number, number]
  const [, inside, kernel] = weight.shape as [number, number, number]
  const rows = graph.reshape(toRowMajor(graph, gradient), [batch, out, height * width])
  const sums = byImage(graph, tapImages(graph, attributes, x, gradient), rows)
  const perTap = graph.reshape(sums, [out, kernel * kernel, inside])
  return graph.reshape(graph.transpose(perTap, [0, 2, 1]), weight.shape)
}
