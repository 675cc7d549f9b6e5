import type { OperationAttributes } from '../../../../network/index.js'
import type { Graph, Value } from '../../graph.js'
import { asRowMajor, toBlocked, toRowMajor } from '../layout.js'
import { convolution } from '../operators.js'
import { withBorder } from './tap-images.js'

/** Whether the images of a batch can take the place of channels. */
export function imagesFillBlocks({ shape, block }: Value): boolean {
  return shape[0]! % block! === 0
}

/**
 * The gradient of a dense filter, [O, I, k, k], by one convolution in which the images of the batch are the channels:
 * each input channel is an image of it, the gradient its filter, as large as the output, and the k x k taps its output.
 * The forward pass's stride is its dilation. `x` is row-major.
 */
export function correlatedImages(
  graph: Graph,
  { kernel, stride, padding }: OperationAttributes['conv2d'],
  x: Value,
  gradient: Value,
): Value {
  const block = gradient.block!
  const [batch, , height, width] = x.shape as [number, number, number, number]
  const [, out, rows, columns] = gradient.shape as [number, number, number, number]
  const end = (size: number, positions: number) => kernel + stride * (positions - 1) - padding - size
  const border = [padding, padding, end(height, rows), end(width, columns)] as const
  // With the border in memory every tap has all of its pixels: MLAS is faster where it need not look for the edge.
  const images = toBlocked(graph, withBorder(graph, graph.transpose(x, [1, 0, 2, 3]), border), block)
  const split = asRowMajor(graph, gradient, [batch / block, block, out / block, rows * columns, block])
  const filter = graph.reshape(graph.transpose(split, [2, 0, 3, 1, 4]), [out, batch, rows, columns])
  const taps = convolution(graph, images, filter, { kernel: [rows, columns], dilation: stride }, block)
  return graph.transpose(toRowMajor(graph, taps), [1, 0, 2, 3])
}
