import type { OperationAttributes } from '../../../../network/index.js'
import type { Graph, Value } from '../../graph.js'
import {
  asBlocked,
  asRowMajor,
  fromChannelsLast,
  MICROSOFT_DOMAIN,
  toChannelsLast,
  toRowMajor,
} from '../layout.js'
import { convolution, everySecond, firstAxisSums } from '../operators.js'
import { correlatedImages, imagesFillBlocks } from './correlated-images.js'
import { tapImages } from './tap-images.js'

/** Below this many pixels one product over all images is faster than a product an image. */
const SMALL_IMAGE = 100

/**
 * The gradient of a dense filter, [O, I, k, k]: sums over images and pixels of the products of gradient and input, for
 * each tap. Measured with AVX2, one thread, ms of processor time:
 *
 *   kernel 3, batch 16, channels x size                64 x 56   128 x 28   256 x 14   512 x 7
 *   images as channels (batch a multiple of the block)      84         55         46        56
 *   one of the below on the pixels of every tap            175        108         95        64
 *
 *   kernel 1, batch 32, channels x size                128 x 28   256 x 14   256 x 7
 *   images as groups (pixels a multiple of the block)      15.0          -         -
 *   row-major, a product an image                          15.0       14.1       4.2
 *   channels last, one product of all images               19.3       17.5       3.4
 *
 * With AVX-512 images as groups are the faster of the first two.
 */
export function filterGradient(
  graph: Graph,
  attributes: OperationAttributes['conv2d'],
  x: Value,
  weight: Value,
  gradient: Value,
): Value {
  if (attributes.kernel === 1 && attributes.stride === 2) {
    return filterGradient(graph, { ...attributes, stride: 1 }, everySecond(graph, x), weight, gradient)
  }
  const [batch, out, height, width] = gradient.shape as [number, number, number, number]
  const inside = weight.shape[1]!
  const pixels = height * width
  const taps = attributes.kernel ** 2
  if (taps > 1 && imagesFillBlocks(gradient)) {
    return correlatedImages(graph, attributes, toRowMajor(graph, x), gradient)
  }
  let sums: Value
  if (pixels % gradient.block! === 0) {
    sums = byImageGroups(graph, tapImages(graph, attributes, toRowMajor(graph, x), gradient), gradient)
  } else if (pixels < SMALL_IMAGE && taps === 1) {
    const rows = (value: Value) =>
      asRowMajor(graph, toChannelsLast(graph, value), [batch * pixels, value.shape[1]!])
    sums = graph.matmul(rows(gradient), rows(x), { a: true })
  } else {
    const rows = asRowMajor(graph, toRowMajor(graph, gradient), [batch, out, pixels])
    sums = byImage(graph, tapImages(graph, attributes, toRowMajor(graph, x), gradient), rows)
  }
  const perTap = graph.reshape(sums, [out, taps, inside])
  return graph.reshape(taps === 1 ? perTap : graph.transpose(perTap, [0, 2, 1]), weight.shape)
}

/**
 * The pixels become the input channels of a 1x1 convolution, tap images its pixels and the images of the batch its
 * groups; the blocked gradient lies as that convolution's filter. Gives [O, taps].
 */
function byImageGroups(graph: Graph, images: Value, gradient: Value): Value {
  const block = gradient.block!
  const [batch, taps, pixels] = images.shape as [number, number, number]
  const out = gradient.shape[1]!
  const blocked = fromChannelsLast(graph, graph.reshape(images, [batch, taps, 1, pixels]), block)
  const products = convolution(
    graph,
    asBlocked(graph, blocked, [1, batch * pixels, 1, taps], block),
    asRowMajor(graph, gradient, [batch * out, pixels, 1, 1]),
    { kernel: [1, 1], groups: batch },
    block,
  )
  const sums = firstAxisSums(graph, asRowMajor(graph, products, [batch, out / block, taps, block]))
  return graph.reshape(graph.transpose(sums, [0, 2, 1]), [out, taps])
}

/** A product an image, then their sum. Gives [O, taps]. */
export function byImage(graph: Graph, images: Value, gradient: Value): Value {
  const [batch, out] = gradient.shape as [number, number]
  const shape = [batch, out, images.shape[1]!]
  const domain = MICROSOFT_DOMAIN
  const products = graph.node('FusedMatMul', [gradient, images], shape, { transB: 1 }, { domain })
  return firstAxisSums(graph, products)
}
