import type { OperationAttributes } from '../../../../network/index.js'
import type { Graph, Value } from '../../graph.js'

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
  const padded = padding === 0 ? x : withBorder(graph, x, [padding, padding, padding, padding])
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

/** With so many zeros at the top, left, bottom and right. */
export function withBorder(
  graph: Graph,
  x: Value,
  [top, left, bottom, right]: readonly [number, number, number, number],
): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number]
  const shape = [batch, channels, height + top + bottom, width + left + right]
  return graph.node('Pad', [x, graph.integers([0, 0, top, left, 0, 0, bottom, right])], shape)
}
