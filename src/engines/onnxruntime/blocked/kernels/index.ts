import type { LoweredOp } from '../../kernel.js'
import type { BlockedKernel } from '../blocked-kernel.js'
import { add } from './add.js'
import { batchNorm } from './batch-norm.js'
import { batchNormPrelu } from './batch-norm-prelu.js'
import { centredConv2d } from './centred-conv2d.js'
import { denseConv2d } from './dense-conv2d.js'
import { depthwiseConv2d } from './depthwise-conv2d.js'
import { globalConv2d } from './global-conv2d.js'
import { groupedConv2d } from './grouped-conv2d.js'
import { prelu } from './prelu.js'
import { stemConv2d } from './stem-conv2d.js'

/** For some operations kernels in the order in which they are asked; the portable kernel does the rest. */
export const blockedKernels: { readonly [O in LoweredOp]?: readonly BlockedKernel<O>[] } = {
  add: [add],
  batchNorm: [batchNorm],
  batchNormPrelu: [batchNormPrelu],
  centredConv2d: [centredConv2d],
  conv2d: [stemConv2d, denseConv2d, depthwiseConv2d, groupedConv2d, globalConv2d],
  prelu: [prelu],
}
