import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Dataset } from '../../dist/dataset/index.js'
import { silentLog } from '../../dist/progress/progress.js'
import { Loader } from '../../dist/training/loading/loader.js'
import { Sampler } from '../../dist/training/loading/sampler.js'
import { readTrainingImages } from '../../dist/training/loading/training-images.js'
import { pythonSide } from '../python.js'
import { type Row, scaled } from '../row.js'
import { writePhotoDataset } from './datasets.js'

const BATCH_SIZE = 128
const WORKERS = 2

/** Batches before the clock starts: threads and processes are then at work, and their queues full, on both sides. */
const WARM_UP = 20

/**
 * Batches as a training step takes them, without a step: ours are uint8 and are normalised in the graph, PyTorch's are
 * normalised floats.
 */
export const loader: Row = {
  name: 'loader',
  work: 'training loader, batches of 128, flips, all threads',
  unit: 'images/s',
  async prepare(bench) {
    const path = join(bench.path, 'dataset')
    const images = scaled(50_000, bench, 1000)
    const batches = scaled(300, bench, 20)
    await writePhotoDataset(path, images)
    const dataset = await Dataset.open(path)
    const trainingImages = await readTrainingImages(dataset, { batch_size: BATCH_SIZE }, silentLog)
    await dataset.close()
    const numbers = [BATCH_SIZE, WORKERS, WARM_UP, batches].map(String)
    const python = await pythonSide(`DataLoader, ${WORKERS} workers`, 'training_loader.py', [
      path,
      ...numbers,
    ])
    return {
      inputs: `${images.toLocaleString('en-US')} JPEGs 112x112`,
      ours: {
        name: `Loader, ${availableParallelism()} threads`,
        async round() {
          const sampler = new Sampler({ images, batchSize: BATCH_SIZE, seed: 1, flip: 0.5 })
          const ours = new Loader(trainingImages, sampler, availableParallelism())
          let start = 0
          for await (const { step } of ours.batches(0, WARM_UP + batches)) {
            if (step === WARM_UP - 1) start = performance.now()
          }
          const seconds = (performance.now() - start) / 1000
          await ours.close()
          return { amount: batches * BATCH_SIZE, seconds }
        },
      },
      others: [{ side: python.side, bar: 3 }],
      close: python.close,
    }
  },
}
