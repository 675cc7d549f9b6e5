import { add as elementwise } from '../../../kernels/add.js'
import { arriveBlocked, type BlockedKernel } from '../blocked-kernel.js'

export const add: BlockedKernel<'add'> = {
  ...elementwise,
  accepts: (_node, inputs) => arriveBlocked(inputs),
}
