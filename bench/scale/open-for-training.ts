import { Dataset } from '../../dist/dataset/index.js'
import { silentLog } from '../../dist/progress/progress.js'
import { Sampler } from '../../dist/training/loading/sampler.js'
import { readTrainingImages } from '../../dist/training/loading/training-images.js'

// What a run does before its first step: the columns of the images, checked, and the order of an epoch.
const batchSize = 128
const dataset = await Dataset.open(process.argv[2]!)
const { count } = await readTrainingImages(dataset, { batch_size: batchSize }, silentLog)
new Sampler({ images: count, batchSize, seed: 1, flip: 0.5 }).batch(0)
await dataset.close()
