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
import { convolution } from '../operators.js'

/** Below this many pixels one product over all images is faster than a product an image. */
const SMALL_IMAGE = 100

/**
 * The gradient of a dense filter, [O, I, k, k]: sums over images and pixels of the products of gradient and input, for
 * each tap. By pixels of the output, the fastest of each (51 MB in, 2 threads, AVX-512; ms for 28x28, 14x14, 7x7):
 * a multiple of the block: a convolution in which each image is a group and its gradient the filter;
 * else below 100: channels last, one product of all images;
 * else: row-major, a product an image.
 */
export function filterGradient(
  graph: Graph,
  attributes: OperationAttributes['conv2d'],
  x: Value,
  weight: Value,
  gradient: Value,
): Value {
  const [batch, out, height, width] = gradient.shape as [number, number, number, number]
  const inside = weight.shape[1]!
  const pixels = height * width
  const taps = attributes.kernel ** 2
  let sums: Value
  if (pixels % gradient.block! === 0) {
    sums = byImageGroups(graph, tapImages(graph, attributes, toRowMajor(graph, x), gradient), gradient)
  } else if (pixels < SMALL_IMAGE && taps === 1 && attributes.stride === 1) {
    const rows = (value: Value) =>
      asRowMajor(graph, toChannelsLast(graph, value), [batch * pixels, value.shape[1]!])
    sums = graph.gemm(rows(gradient), rows(x), { a: true })
  } else {
    const images = tapImages(graph, attributes, toRowMajor(graph, x), gradient)
    const rows = asRowMajor(graph, toRowMajor(graph, gradient), [batch, out, pixels])
    sums = pixels < SMALL_IMAGE ? overAll(graph, images, rows) : byImage(graph, images, rows)
  }
  const perTap = graph.reshape(sums, [out, taps, inside])
  return graph.reshape(taps === 1 ? perTap : graph.transpose(perTap, [0, 2, 1]), weight.shape)
}

/** For each tap the pixels that it meets, side by side: row-major [N, k*k*I, pixels of the output]. */
export function tapImages(
  graph: Graph,
  { kernel, stride, padding }: OperationAttributes['conv2d'],
  x: Value,
  gradient: Value,
): Value {
  const [batch, channels] = x.shape as [number, number]
  const [, , rows, columns] = gradient.shape as [number, number, number, number]
  const pixels = rows * columns
  if (kernel === 1 && stride === 1) return graph.reshape(x, [batch, channels, pixels])
  const padded = padding === 0 ? x : withBorder(graph, x, padding)
  const axes = graph.integers([2, 3])
  const steps = graph.integers([stride, stride])
  const images: Value[] = []
  for (let top = 0; top < kernel; top++) {
    for (let left = 0; left < kernel; left++) {
      const start = graph.integers([top, left])
      const end = graph.integers([top + stride * (rows - 1) + 1, left + stride * (columns - 1) + 1])
      const shape = [batch, channels, rows, columns]
      const met = graph.node('Slice', [padded, start, end, axes, steps], shape)
      images.push(graph.reshape(met, [batch, channels, pixels]))
    }
  }
  if (images.length === 1) return images[0]!
  return graph.node('Concat', images, [batch, images.length * channels, pixels], { axis: 1 })
}

function withBorder(graph: Graph, x: Value, padding: number): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number]
  const shape = [batch, channels, height + 2 * padding, width + 2 * padding]
  return graph.node('Pad', [x, graph.integers([0, 0, padding, padding, 0, 0, padding, padding])], shape)
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
  const sums = graph.reduceSum(asRowMajor(graph, products, [batch, out / block, taps, block]), [0])
  return graph.reshape(graph.transpose(sums, [0, 2, 1]), [out, taps])
}

/** A product an image, then their sum. Gives [O, taps]. */
export function byImage(graph: Graph, images: Value, gradient: Value): Value {
  const [batch, out] = gradient.shape as [number, number]
  const shape = [batch, out, images.shape[1]!]
  const products = graph.node(
    'FusedMatMul',
    [gradient, images],
    shape,
    { transB: 1 },
    {
      domain: MICROSOFT_DOMAIN,
    },
  )
  return graph.reduceSum(products, [0])
}

/** One product over all images. Gives [O, taps]. */
function overAll(graph: Graph, images: Value, gradient: Value): Value {
  const rows = ({ shape, ...value }: Value) => {
    const [batch, channels, pixels] = shape as [number, number, number]
    const turned = graph.transpose({ ...value, shape }, [1, 0, 2])
    return graph.reshape(turned, [channels, batch * pixels])
  }
  return graph.gemm(rows(gradient), rows(images), { b: true })
}
