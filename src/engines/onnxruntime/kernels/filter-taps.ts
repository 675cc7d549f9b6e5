import type { NodeOf } from '../../../network/index.js'
import type { Graph, Value } from '../graph.js'

/** Up to so many pixels one product over the whole batch has sums long enough; above, each image has its own. */
const SMALL_IMAGE = 100

/**
 * Gradient of a dense convolution's weight, [out, in, kernel, kernel]: for each tap the input as that tap meets it,
 * times the gradient, summed over images and pixels.
 */
export function denseTapsGradient(graph: Graph, node: NodeOf<'conv2d'>, x: Value, gradient: Value): Value {
  const { kernel, stride, padding } = node.attributes
  const [batch, out, rows, columns] = gradient.shape as [number, number, number, number]
  const inside = x.shape[1]!
  const pixels = rows * columns
  const padded = padding === 0 ? x : pad(graph, x, padding)
  const meets = (row: number, column: number): Value => {
    const reach = (size: number) => stride * (size - 1) + 1
    const [starts, ends] = [
      [row, column],
      [row + reach(rows), column + reach(columns)],
    ]
    return kernel === 1 && stride === 1
      ? padded
      : graph.node(
          'Slice',
          [padded, ...[starts, ends, [2, 3], [stride, stride]].map((list) => graph.integers(list))],
          [batch, inside, rows, columns],
        )
  }
  const product = pixels > SMALL_IMAGE ? imageProducts(graph, gradient) : batchProduct(graph, gradient)
  const taps = Array.from({ length: kernel * kernel }, (_, tap) => {
    const met = meets(Math.floor(tap / kernel), tap % kernel)
    return graph.reshape(product(met), [1, inside, out])
  })
  const all =
    taps.length === 1 ? taps[0]! : graph.node('Concat', taps, [taps.length, inside, out], { axis: 0 })
  return graph.reshape(graph.transpose(all, [2, 1, 0]), [out, inside, kernel, kernel])
}

function imageProducts(graph: Graph, gradient: Value): (x: Value) => Value {
  const [batch, out, rows, columns] = gradient.shape as [number, number, number, number]
  const columnsOfGradient = graph.transpose(graph.reshape(gradient, [batch, out, rows * columns]), [0, 2, 1])
  return (x) => {
    const rowsOfInput = graph.reshape(x, [batch, x.shape[1]!, rows * columns])
    return graph.reduceSum(graph.matmuls(rowsOfInput, columnsOfGradient), [0])
  }
}

function batchProduct(graph: Graph, gradient: Value): (x: Value) => Value {
  const channelsFirst = (value: Value): Value => {
    const [batch, channels, rows, columns] = value.shape as [number, number, number, number]
    return graph.reshape(graph.transpose(value, [1, 0, 2, 3]), [channels, batch * rows * columns])
  }
  const turned = channelsFirst(gradient)
  return (x) => graph.matmul(channelsFirst(x), turned, { b: true })
}

function pad(graph: Graph, x: Value, padding: number): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number]
  const around = graph.integers([0, 0, padding, padding, 0, 0, padding, padding])
  return graph.node('Pad', [x, around], [batch, channels, height + 2 * padding, width + 2 * padding])
}
