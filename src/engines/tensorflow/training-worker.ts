import type { State, TrainingBatch, TrainingOptions } from '../training-session.js'
import { answerCalls } from '../worker-calls.js'
import { openTensorFlow } from './addon/open-tensorflow.js'
import { layoutFor } from './device.js'
import type { ImageLayout } from './graph.js'
import { TrainingRun } from './training-run.js'

let run: TrainingRun | undefined

function current(): TrainingRun {
  if (run === undefined) throw new Error('training was not created')
  return run
}

answerCalls({
  create: async (options: TrainingOptions): Promise<ImageLayout> => {
    const tensorflow = openTensorFlow()
    const layout = layoutFor(tensorflow, options.provider ?? 'auto')
    run = await TrainingRun.create(options, tensorflow.binding, layout)
    return layout
  },
  hand: (number: number, batch: TrainingBatch) => current().hand(number, batch),
  step: (number: number) => current().step(number),
  load: (state: State) => current().load(state),
  state: () => current().state(),
  embed: (images: Uint8Array) => current().embed(images),
  close: () => run?.close(),
})
