import type { Operators } from './operators.js'

/** Pixel values x of a training batch become (x - 127.5) / 127.5, as upstream's. */
export const PIXEL_MEAN = 127.5
export const PIXEL_STD = 127.5

/** Bytes as the network takes them. */
export function normalizedPixels<Value>(graph: Operators<Value>, pixels: Value): Value {
  return graph.multiply(graph.subtract(graph.toFloat(pixels), PIXEL_MEAN), 1 / PIXEL_STD)
}
