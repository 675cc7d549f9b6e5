import { parameterOf } from '../../../kernel.js'
import type { Graph, Value } from '../../graph.js'
import { type BlockedKernel, fillsBlocks } from '../blocked-kernel.js'
import { turned } from '../layout.js'
import { convolution, depthwise, depthwiseFilterGradient } from '../operators.js'

/**
 * Small groups of as many outputs as inputs, a power of two: a sum of depthwise convolutions. Within its group, output c
 * meets input c, then the input whose number differs from c in the last bit, and so on: number d meets c XOR d. That
 * exchange of channels is its own inverse.
 */
export const groupedConv2d: BlockedKernel<'conv2d'> = {
  accepts({ attributes: { kernel, stride, padding, groups }, parameters }, [x], block) {
    const [out, inside] = parameters[0]!.shape as [number, number]
    const square = fillsBlocks(x!, block) && out === x!.shape[1]! && out === groups * inside
    return square && (inside === 2 || inside === 4) && stride === 1 && 2 * padding === kernel - 1
  },

  forward(lowering, node, [x]) {
    const { graph } = lowering
    const weight = parameterOf(lowering, node, 'weight')
    const size = sizeOf(node.attributes)
    let output: Value | undefined
    for (let distance = 0; distance < weight.shape[1]!; distance++) {
      const met = taken(graph, weight, (channel) => [channel, channel ^ distance])
      output = depthwise(graph, exchanged(graph, x!, distance), met, size, { sum: output })
    }
    return { output: output!, saved: [x!, weight] }
  },

  backward({ graph }, node, [x, weight], gradient) {
    const inside = weight!.shape[1]!
    const size = sizeOf(node.attributes)
    let input: Value | undefined
    const weights: Value[] = []
    for (let distance = 0; distance < inside; distance++) {
      const met = turned(
        graph,
        taken(graph, weight!, (channel) => [channel ^ distance, channel]),
      )
      input = depthwise(graph, exchanged(graph, gradient, distance), met, size, { sum: input })
      weights.push(depthwiseFilterGradient(graph, exchanged(graph, x!, distance), gradient, node.attributes))
    }
    return {
      inputs: [input],
      parameters: new Map([[`${node.name}.weight`, gathered(graph, weights, weight!.shape)]]),
    }
  },
}

function sizeOf({ kernel, padding }: { kernel: number; padding: number }) {
  return { kernel: [kernel, kernel], pads: [padding, padding, padding, padding] } as const
}

/** For each channel the filter from an input to an output of its group: a depthwise weight [C, 1, k, k]. */
function taken(
  graph: Graph,
  weight: Value,
  pair: (channel: number) => readonly [output: number, input: number],
): Value {
  const [channels, inside, height, width] = weight.shape as [number, number, number, number]
  const rows = Array.from({ length: channels }, (_, channel) => {
    const [output, input] = pair(channel)
    return output * inside + (input % inside)
  })
  const flat = graph.reshape(weight, [channels * inside, height * width])
  const found = graph.node('Gather', [flat, graph.integers(rows)], [channels, height * width], { axis: 0 })
  return graph.reshape(found, [channels, 1, height, width])
}

/** The reverse of taking: gradients by distance become one of the weight. */
function gathered(graph: Graph, weights: readonly Value[], shape: readonly number[]): Value {
  const [channels, inside, height, width] = shape as [number, number, number, number]
  const all = graph.node('Concat', weights, [inside * channels, 1, height, width], { axis: 0 })
  const rows = Array.from({ length: channels * inside }, (_, index) => {
    const output = Math.floor(index / inside)
    const distance = (output % inside) ^ (index % inside)
    return distance * channels + output
  })
  const flat = graph.reshape(all, [inside * channels, height * width])
  const ordered = graph.node('Gather', [flat, graph.integers(rows)], flat.shape, { axis: 0 })
  return graph.reshape(ordered, shape)
}

/** Channel c is exchanged for c XOR distance, by a 1x1 convolution within each block. */
function exchanged(graph: Graph, x: Value, distance: number): Value {
  if (distance === 0) return x
  const block = x.block!
  const channels = x.shape[1]!
  const matrix = Float32Array.from({ length: channels * block }, (_, index) => {
    const [row, column] = [Math.floor(index / block) % block, index % block]
    return column === (row ^ distance) ? 1 : 0
  })
  const filter = graph.reshape(graph.floats(matrix), [channels, block, 1, 1])
  return convolution(graph, x, filter, { kernel: [1, 1], groups: channels / block }, block)
}
