import type { Kernel } from '../kernel.js'

export const straightThrough: Kernel<'straightThrough'> = {
  forward(_lowering, _node, [value]) {
    return { output: value!, saved: [] }
  },

  backward(_lowering, _node, _saved, gradient) {
    return { inputs: [undefined, gradient] }
  },
}
