import { normalizedPixels } from '../pixels.js'
import type { Graph, ImageLayout, Value } from './graph.js'

/** Sizes of a batch of images by their meaning. */
export interface ImageSizes {
  batch: number
  channels: number
  height: number
  width: number
}

export function imageSizes(layout: ImageLayout, shape: readonly number[]): ImageSizes {
  const [batch, a, b, c] = shape as [number, number, number, number]
  return layout === 'NHWC'
    ? { batch, height: a, width: b, channels: c }
    : { batch, channels: a, height: b, width: c }
}

export function imageShape(layout: ImageLayout, { batch, channels, height, width }: ImageSizes): number[] {
  return layout === 'NHWC' ? [batch, height, width, channels] : [batch, channels, height, width]
}

/** Numbers for the two axes of pixels, 1 for the others, as convolutions take strides. */
export function pixelSteps(layout: ImageLayout, step: number): number[] {
  return imageShape(layout, { batch: 1, channels: 1, height: step, width: step })
}

/** Every axis but that of the channels, of images or of vectors [N, C]. */
export function reducedAxes({ layout }: Graph, { shape }: Value): number[] {
  if (shape.length === 2) return [0]
  return layout === 'NHWC' ? [0, 1, 2] : [0, 2, 3]
}

/** [C] so that it multiplies the channels of x. */
export function alongChannels(graph: Graph, value: Value, x: Value): Value {
  const channelsLast = x.shape.length === 2 || graph.layout === 'NHWC'
  return channelsLast ? value : graph.reshape(value, [value.shape[0]!, 1, 1])
}

/** Of each channel, over images and pixels: [C]. On a CPU BiasAddGrad takes 5 ms where Sum takes 19 (51 MB, one thread). */
export function channelSums(graph: Graph, x: Value): Value {
  if (graph.layout === 'NCHW') return graph.reduceSum(x, reducedAxes(graph, x))
  return graph.operator('BiasAddGrad', [x], [x.shape.at(-1)!], { data_format: 'NHWC' })
}

/** Into which a loop adds up what it computes, where the batch allows. */
const PARTS = 4

/**
 * `channelSums` of what a loop computes. A compiled loop first adds up the quarters of the batch, so that a quarter is
 * written to memory: 5 ms instead of 14 for the sum of squares of 51 MB (one thread). XLA's own sums are slow: 44 ms.
 */
export function loopSums(graph: Graph, x: Value): Value {
  const isDivided = graph.isCompiled(x) && x.shape[0]! % PARTS === 0
  return channelSums(graph, isDivided ? graph.sumOfParts(x, PARTS) : x)
}

/** Bytes [N, 3, H, W] as the network takes them, in the graph's layout. */
export function normalizedImages(graph: Graph, pixels: Value): Value {
  const values = normalizedPixels<Value>(graph, pixels)
  // Turned last: oneDNN complains on standard error of bytes that it shall turn without AVX-512, and TensorFlow's
  // optimizer would move the turn to before the cast.
  return graph.layout === 'NHWC' ? graph.transpose(values, [0, 2, 3, 1]) : values
}
