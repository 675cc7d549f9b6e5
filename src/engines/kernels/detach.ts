import type { CommonKernel } from '../kernel.js'

export const detach: CommonKernel<'detach'> = {
  forward(_lowering, _node, [x]) {
    return { output: x!, saved: [] }
  },

  backward() {
    return { inputs: [undefined] }
  },
}
