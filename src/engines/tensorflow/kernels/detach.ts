import type { Kernel } from '../kernel.js'

export const detach: Kernel<'detach'> = {
  forward(_lowering, _node, [x]) {
    return { output: x!, saved: [] }
  },

  backward() {
    return { inputs: [undefined] }
  },
}
