import type { Kernel } from '../kernel.js'

export const flatten: Kernel<'flatten'> = {
  forward({ graph }, _node, [x]) {
    const features = x!.shape.slice(1).reduce((product, size) => product * size, 1)
    return { output: graph.reshape(x!, [x!.shape[0]!, features]), saved: [x!] }
  },

  backward({ graph }, _node, [x], gradient) {
    return { inputs: [graph.reshape(gradient, x!.shape)] }
  },
}
