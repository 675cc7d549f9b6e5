import type { TrainingOptions } from '../training-session.js'
import { answerSession } from '../worker-session.js'
import { openTensorFlow } from './addon/open-tensorflow.js'
import { layoutFor } from './device.js'
import { TrainingRun } from './training-run.js'

answerSession(async (options: TrainingOptions) => {
  const tensorflow = openTensorFlow()
  const layout = layoutFor(tensorflow, options.provider ?? 'auto')
  return { run: await TrainingRun.create(options, tensorflow.binding, layout), answer: layout }
})
