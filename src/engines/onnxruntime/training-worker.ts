import type { State, TrainingBatch, TrainingOptions } from '../training-session.js'
import { answerCalls } from '../worker-calls.js'
import type { Execution } from './execution.js'
import { TrainingRun } from './training-run.js'

let run: TrainingRun | undefined

function current(): TrainingRun {
  if (run === undefined) throw new Error('training was not created')
  return run
}

answerCalls({
  create: async (options: TrainingOptions, execution: Execution) => {
    run = await TrainingRun.create(options, execution)
  },
  hand: (number: number, batch: TrainingBatch) => current().hand(number, batch),
  step: (number: number) => current().step(number),
  load: (state: State) => current().load(state),
  state: () => current().state(),
  embed: (images: Uint8Array) => current().embed(images),
  close: () => run?.close(),
})
