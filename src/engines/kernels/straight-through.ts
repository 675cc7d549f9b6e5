import type { CommonKernel } from '../kernel.js'

export const straightThrough: CommonKernel<'straightThrough'> = {
  forward(_lowering, _node, [value]) {
    return { output: value!, saved: [] }
  },

  backward(_lowering, _node, _saved, gradient) {
    return { inputs: [undefined, gradient] }
  },
}
