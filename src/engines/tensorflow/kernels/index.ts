import type { Op } from '../../../network/index.js'
import { commonKernels } from '../../kernels/index.js'
import type { Kernel } from '../kernel.js'
import { batchNorm } from './batch-norm.js'
import { clip } from './clip.js'
import { conv2d } from './conv2d.js'
import { cos } from './cos.js'
import { filterOthers } from './filter-others.js'
import { flatten } from './flatten.js'
import { prelu } from './prelu.js'

/** One kernel for each operation of `network/`. */
export const kernels: { readonly [O in Op]: Kernel<O> } = {
  ...commonKernels,
  batchNorm,
  clip,
  conv2d,
  cos,
  filterOthers,
  flatten,
  prelu,
}
