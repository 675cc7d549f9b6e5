import type { Graph } from '../graph.js'
import { imageShape, imageSizes } from '../images.js'
import type { Kernel } from '../kernel.js'

/** Channels first, as PyTorch's, whatever the layout. */
export const flatten: Kernel<'flatten'> = {
  forward({ graph }, _node, [x]) {
    const { batch, channels, height, width } = imageSizes(graph.layout, x!.shape)
    const pixels = height * width
    const ordered = needsTurn(graph, pixels) ? graph.transpose(x!, [0, 3, 1, 2]) : x!
    return { output: graph.reshape(ordered, [batch, channels * pixels]), saved: [x!] }
  },

  backward({ graph }, _node, [x], gradient) {
    const { batch, channels, height, width } = imageSizes(graph.layout, x!.shape)
    if (!needsTurn(graph, height * width)) return { inputs: [graph.reshape(gradient, x!.shape)] }
    const shape = imageShape('NCHW', { batch, channels, height, width })
    return { inputs: [graph.transpose(graph.reshape(gradient, shape), [0, 2, 3, 1])] }
  },
}

/** One pixel is the same in both layouts. */
function needsTurn({ layout }: Graph, pixels: number): boolean {
  return layout === 'NHWC' && pixels > 1
}
