import type { NodeOf } from '../../../network/index.js'
import type { Graph, Value } from '../graph.js'
import type { Lowering } from '../kernel.js'

/**
 * Whether a convolution is a matrix product of pixels and channels on a CPU, both ways. Measured with AVX2, one thread,
 * 32 images, ms of processor time, convolution and product: 128 channels of 28x28 forward 15.6 and 13.9, gradient of the
 * input 15.9 and 14.1, of the filter 16.1 and 13.6; 256 channels of 14x14 11.1 and 11.6, 11.2 and 11.3, 14.5 and 13.5.
 */
export function isPointwise({ graph, training }: Lowering, node: NodeOf<'conv2d'>, x: Value): boolean {
  const { kernel, stride, padding, groups } = node.attributes
  const isProduct = kernel === 1 && stride === 1 && padding === 0 && groups === 1
  return isProduct && training && graph.layout === 'NHWC' && x.type === 'float32'
}

/** Channels of every pixel: images [B, H, W, C] and filters [1, 1, I, O] as matrices. */
export function pixelRows(graph: Graph, x: Value): Value {
  const channels = x.shape[3]!
  const rows = x.shape.slice(0, 3).reduce((product, size) => product * size, 1)
  return graph.reshape(x, [rows, channels])
}
