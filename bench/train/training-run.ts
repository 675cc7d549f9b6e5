import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writePhotoDataset } from '../data/datasets.js'
import type { Round } from '../pairing.js'
import type { Row } from '../row.js'
import { facedata, run } from '../whole-process.js'
import { TrainingProcess } from './training-process.js'

const BATCH = 32
const IDENTITIES = 128
const IMAGES = 50 * IDENTITIES
/** Steps of a run; the first line of its log is left out, for the threads of the loader start in it. */
const STEPS = 15
const FREQUENT = 3

/** `facedata train` as its log has it, from JPEGs with flips and logging, beside bare steps on images in memory. */
export const trainingRun: Row = {
  name: 'training-run',
  work: `facedata train, mbf, batch ${BATCH}`,
  unit: 'images/s',
  async prepare({ path }) {
    await writePhotoDataset(join(path, 'photos'), IMAGES)
    const bare = await TrainingProcess.start({ network: 'mbf', batchSize: BATCH, classes: IDENTITIES })
    return {
      inputs: `${IDENTITIES} classes, JPEGs of 112x112`,
      ours: { name: 'facedata train', round: () => trainOnce(path) },
      others: [{ side: bare.side('the bare step'), bar: 0.97 }],
      close: () => bare.close(),
    }
  },
}

async function trainOnce(folder: string): Promise<Round> {
  const output = join(folder, 'run')
  await rm(output, { recursive: true, force: true })
  const settings = {
    ...{ dataset: join(folder, 'photos'), output, network: 'mbf', batch_size: BATCH },
    ...{ max_steps: STEPS, num_epoch: 1, frequent: FREQUENT, engine: 'onnxruntime', provider: 'cpu' },
  }
  const config = join(folder, 'train.yaml')
  const [command, ...args] = facedata('train', config)
  // JSON is YAML.
  await writeFile(config, JSON.stringify(settings))
  await run(command, args)
  const rates = (await readFile(join(output, 'log.jsonl'), 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line): number | undefined => JSON.parse(line).images_per_second)
    .filter((rate) => rate !== undefined)
    .slice(1)
  const images = FREQUENT * BATCH
  const seconds = rates.reduce((sum, rate) => sum + images / rate, 0)
  return { amount: images * rates.length, seconds }
}
