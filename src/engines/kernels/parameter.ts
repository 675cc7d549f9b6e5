import type { CommonKernel } from '../kernel.js'

export const parameter: CommonKernel<'parameter'> = {
  forward({ parameters }, node) {
    return { output: parameters.get(node.name)!, saved: [] }
  },

  backward(_lowering, node, _saved, gradient) {
    return { inputs: [], parameters: new Map([[node.name, gradient]]) }
  },
}
