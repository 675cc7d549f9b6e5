import { type Row, scaled } from '../row.js'
import { TrainingProcess } from './training-process.js'

const BATCH = 32
const FULL_CLASSES = 10_000
const SAMPLE_RATE = 0.01

/**
 * A million classes of which a step compares with a hundredth, against a full softmax over as many centres as that.
 * Each side is a process, so that the memory of both can be told.
 */
export const partialFc: Row = {
  name: 'partial-fc',
  work: 'train mbf, batch 32, on a million classes',
  unit: 'images/s',
  async prepare(bench) {
    const classes = scaled(1_000_000, bench, FULL_CLASSES)
    const sampledCentres = Math.floor(SAMPLE_RATE * classes)
    const ours = await TrainingProcess.start({ network: 'mbf', batchSize: BATCH, classes, sampledCentres })
    const full = await TrainingProcess.start({ network: 'mbf', batchSize: BATCH, classes: FULL_CLASSES })
    return {
      inputs: `${classes.toLocaleString('en-US')} classes, sample_rate ${SAMPLE_RATE}, 512 numbers an embedding`,
      ours: ours.side('PartialFC'),
      others: [{ side: full.side('full softmax of 10,000 classes, ours too'), bar: 0.87 }],
      async close() {
        for (const side of [ours, full]) {
          const classes = side.classes.toLocaleString('en-US')
          process.stderr.write(`partial-fc: ${classes} classes: ${side.memory}\n`)
          await side.close()
        }
      },
    }
  },
}
