import { convolvedSize, type NodeOf } from '../../../network/index.js'
import { parameterOf } from '../../kernel.js'
import type { Graph, Value } from '../graph.js'
import type { Kernel } from '../kernel.js'
import { filterGradient, isDepthwise } from './filter-gradient.js'

export const conv2d: Kernel<'conv2d'> = {
  forward(lowering, node, [x]) {
    const weight = lowering.graph.castLike(parameterOf(lowering, node, 'weight'), x!)
    const { kernel, stride, padding, groups } = node.attributes
    const [batch, , height, width] = x!.shape as [number, number, number, number]
    const shape = [batch, weight.shape[0]!, convolvedSize(height, node), convolvedSize(width, node)]
    const output = convolution(lowering.graph, x!, weight, shape, {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
      group: groups,
    })
    return { output, saved: [x!, weight] }
  },

  backward({ graph }, node, [x, weight], gradient) {
    return {
      inputs: [inputGradient(graph, node, x!, weight!, gradient)],
      parameters: new Map([
        [
          `${node.name}.weight`,
          filterGradient(graph, node, graph.inPrecision(x!), weight!, graph.inPrecision(gradient)),
        ],
      ]),
    }
  },
}

/** Conv; zeros fill up the channels of a dense one where the provider needs it (`forms.ts`). */
function convolution(
  graph: Graph,
  x: Value,
  weight: Value,
  shape: readonly number[],
  attributes: { kernel_shape: number[]; strides?: number[]; pads: number[]; group: number },
): Value {
  const [out, channels] = weight.shape as [number, number]
  const concerned =
    attributes.group === 1 && weight.shape[2]! > 1 && channels > 3 && channels % 3 === 0 && out % 4 === 0
  const missing = (4 - (channels % 4)) % 4
  if (graph.forms.denseInputs === 'any' || !concerned || missing === 0) {
    return graph.node('Conv', [x, weight], shape, attributes)
  }
  const filled = (value: Value): Value => {
    const [first, , height, width] = value.shape as [number, number, number, number]
    const around = graph.integers([0, 0, 0, 0, 0, missing, 0, 0])
    return graph.node('Pad', [value, around], [first, channels + missing, height, width])
  }
  return graph.node('Conv', [filled(x), filled(weight)], shape, attributes)
}

function inputGradient(
  graph: Graph,
  node: NodeOf<'conv2d'>,
  x: Value,
  weight: Value,
  gradient: Value,
): Value {
  const { kernel, stride, padding, groups } = node.attributes
  const coversImage = padding === 0 && x.shape[2] === kernel && x.shape[3] === kernel
  if (isDepthwise(node, weight) && coversImage) {
    return graph.multiply(gradient, graph.reshape(weight, [1, groups, kernel, kernel]))
  }
  if (stride === 1) {
    const pad = kernel - 1 - padding
    return convolution(graph, gradient, mirrored(graph, node, weight), x.shape, {
      kernel_shape: [kernel, kernel],
      pads: [pad, pad, pad, pad],
      group: groups,
    })
  }
  // Rows and columns that the stride never reached.
  const left = [x.shape[2]!, x.shape[3]!].map((size) => (size + 2 * padding - kernel) % stride)
  return graph.node('ConvTranspose', [gradient, weight], x.shape, {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
    output_padding: left,
    group: groups,
  })
}

/** The kernel turned by 180 degrees with its input and output channels exchanged, group by group. */
function mirrored(graph: Graph, { attributes: { kernel, groups } }: NodeOf<'conv2d'>, weight: Value): Value {
  const [out, inside] = weight.shape as [number, number]
  const taps = kernel * kernel
  let turned = graph.reshape(weight, [groups, out / groups, inside, taps])
  if (inside > 1 || out > groups) turned = graph.transpose(turned, [0, 2, 1, 3])
  if (taps > 1) {
    const reversed = graph.integers(Array.from({ length: taps }, (_, tap) => taps - 1 - tap))
    turned = graph.node('Gather', [turned, reversed], turned.shape, { axis: 3 })
  }
  return graph.reshape(turned, [groups * inside, out / groups, kernel, kernel])
}
