import type { TrainingOptions } from '../training-session.js'
import { answerSession } from '../worker-session.js'
import type { Execution } from './execution.js'
import { TrainingRun } from './training-run.js'

answerSession(async (options: TrainingOptions, execution: Execution) => {
  return { run: await TrainingRun.create(options, execution), answer: undefined }
})
