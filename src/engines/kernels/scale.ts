import type { CommonKernel } from '../kernel.js'

export const scale: CommonKernel<'scale'> = {
  forward({ graph }, node, [x]) {
    const { factor, offset } = node.attributes
    const scaled = factor === 1 ? x! : graph.multiply(x!, factor)
    return { output: offset === 0 ? scaled : graph.add(scaled, offset), saved: [] }
  },

  backward({ graph }, node, _saved, gradient) {
    const { factor } = node.attributes
    return { inputs: [factor === 1 ? gradient : graph.multiply(gradient, factor)] }
  },
}
