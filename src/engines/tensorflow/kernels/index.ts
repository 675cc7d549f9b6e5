import type { Op } from '../../../network/index.js'
import type { Kernel } from '../kernel.js'
import { acos } from './acos.js'
import { add } from './add.js'
import { batchNorm } from './batch-norm.js'
import { clip } from './clip.js'
import { conv2d } from './conv2d.js'
import { cos } from './cos.js'
import { detach } from './detach.js'
import { filterOthers } from './filter-others.js'
import { flatten } from './flatten.js'
import { l2Norm } from './l2-norm.js'
import { l2Normalize } from './l2-normalize.js'
import { linear } from './linear.js'
import { matmul } from './matmul.js'
import { parameter } from './parameter.js'
import { prelu } from './prelu.js'
import { replaceLabel } from './replace-label.js'
import { scale } from './scale.js'
import { selectAbove } from './select-above.js'
import { selectLabel } from './select-label.js'
import { softmaxCrossEntropy } from './softmax-cross-entropy.js'
import { standardize } from './standardize.js'
import { straightThrough } from './straight-through.js'

/** One kernel for each operation of `network/`. */
export const kernels: { readonly [O in Op]: Kernel<O> } = {
  acos,
  add,
  batchNorm,
  clip,
  conv2d,
  cos,
  detach,
  filterOthers,
  flatten,
  l2Norm,
  l2Normalize,
  linear,
  matmul,
  parameter,
  prelu,
  replaceLabel,
  scale,
  selectAbove,
  selectLabel,
  softmaxCrossEntropy,
  standardize,
  straightThrough,
}
