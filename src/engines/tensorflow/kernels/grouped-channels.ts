import type { Graph, Value } from '../graph.js'
import { imageShape, imageSizes } from '../images.js'

/** Groups of a convolution, with the input and output channels of each. */
export interface ChannelGroups {
  groups: number
  inside: number
  outside: number
}

/** Products of every input with each output of its group, [groups, inside, outside] channels, to those of the outputs. */
export function sumOverInputs(graph: Graph, products: Value, group: ChannelGroups): Value {
  const { groups, inside, outside } = group
  if (inside === 1) return products
  const sizes = imageSizes(graph.layout, products.shape)
  const shape = imageShape(graph.layout, { ...sizes, channels: groups * outside })
  const apart = graph.reshape(products, [-1, inside, outside * alongside(graph, products)])
  return graph.reshape(graph.reduceSum(apart, [1]), shape)
}

/** The gradient of that: each output's for every input of its group. */
export function shareAmongInputs(graph: Graph, gradient: Value, group: ChannelGroups): Value {
  const { groups, inside, outside } = group
  if (inside === 1) return gradient
  const sizes = imageSizes(graph.layout, gradient.shape)
  const shape = imageShape(graph.layout, { ...sizes, channels: groups * inside * outside })
  const row = outside * alongside(graph, gradient)
  const rows = gradient.shape.reduce((product, size) => product * size, 1) / row
  const apart = graph.reshape(gradient, [rows, 1, row])
  const copies = graph.operator('Tile', [apart, graph.integers([1, inside, 1])], [rows, inside, row], {
    Tmultiples: { type: 'int32' },
  })
  return graph.reshape(copies, shape)
}

/** Elements that lie behind a channel. */
function alongside({ layout }: Graph, { shape }: Value): number {
  const { height, width } = imageSizes(layout, shape)
  return layout === 'NHWC' ? 1 : height * width
}
