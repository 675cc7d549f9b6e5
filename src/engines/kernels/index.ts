import { acos } from './acos.js'
import { add } from './add.js'
import { detach } from './detach.js'
import { l2Norm } from './l2-norm.js'
import { l2Normalize } from './l2-normalize.js'
import { linear } from './linear.js'
import { matmul } from './matmul.js'
import { parameter } from './parameter.js'
import { replaceLabel } from './replace-label.js'
import { scale } from './scale.js'
import { selectAbove } from './select-above.js'
import { selectLabel } from './select-label.js'
import { softmaxCrossEntropy } from './softmax-cross-entropy.js'
import { standardize } from './standardize.js'
import { straightThrough } from './straight-through.js'

/** Operations of `network/` whose kernel is the same for every engine. */
export const commonKernels = {
  acos,
  add,
  detach,
  l2Norm,
  l2Normalize,
  linear,
  matmul,
  parameter,
  replaceLabel,
  scale,
  selectAbove,
  selectLabel,
  softmaxCrossEntropy,
  standardize,
  straightThrough,
}
