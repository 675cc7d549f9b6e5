import { availableParallelism } from 'node:os'
import { addonCandidates } from '../../dist/engines/tensorflow/addon/index.js'
import { pythonSide } from '../python.js'
import type { Row } from '../row.js'
import { TrainingProcess } from './training-process.js'

/** PyTorch eager in both memory formats, of which the faster is its best, and compiled. */
const FORMATS = ['contiguous', 'channels_last', 'compiled'] as const

interface Work {
  name: string
  network: 'mbf' | 'r18' | 'r50'
  batchSize: number
  classes: number
  bar: number
  /** The lowering that works on any provider, in place of the fastest. */
  portable?: boolean
  /** The forward pass with running statistics. */
  embed?: boolean
  /** onnxruntime without it. */
  engine?: 'tensorflow'
}

/** Training steps, or embeddings, on as many threads as PyTorch eager has, float32. */
function againstPytorch({
  name,
  network,
  batchSize,
  classes,
  bar,
  portable,
  embed = false,
  engine,
}: Work): Row {
  const threads = availableParallelism()
  const lowering = portable ? ', portable lowering' : engine === undefined ? '' : `, engine ${engine}`
  return {
    name,
    work: `${embed ? 'embed with' : 'train'} ${network}, batch ${batchSize}${lowering}`,
    unit: 'images/s',
    missing: () =>
      engine === 'tensorflow' && addonCandidates().length === 0
        ? 'needs facedata engine install tensorflow'
        : undefined,
    async prepare() {
      const environment: Record<string, string> = portable ? { FACEDATA_LOWERING: 'portable' } : {}
      const work = { network, batchSize, classes, embed, threads, ...(engine && { engine }) }
      const ours = await TrainingProcess.start(work, environment)
      const request = JSON.stringify({ network, batch_size: batchSize, classes, threads, embed })
      const others = await Promise.all(
        FORMATS.map((format) => pythonSide(`PyTorch, ${format}`, 'training_step.py', [request, format])),
      )
      return {
        inputs: embed ? 'images of noise' : `${classes.toLocaleString('en-US')} classes`,
        ours: ours.side('facedata'),
        others: others.map(({ side }) => ({ side, bar })),
        async close() {
          process.stderr.write(`${name}: facedata ${ours.memory}\n`)
          await ours.close()
          for (const { close } of others) await close()
        },
      }
    },
  }
}

/** In the order of the table. */
export const pytorchWork: readonly Work[] = [
  { name: 'mbf-64', network: 'mbf', batchSize: 64, classes: 8277, bar: 2.3 },
  { name: 'mbf-32', network: 'mbf', batchSize: 32, classes: 1000, bar: 2 },
  { name: 'r18-16', network: 'r18', batchSize: 16, classes: 1000, bar: 1 },
  { name: 'r50-8', network: 'r50', batchSize: 8, classes: 1000, bar: 1 },
  { name: 'mbf-32-portable', network: 'mbf', batchSize: 32, classes: 1000, bar: 0.6, portable: true },
  { name: 'mbf-32-tensorflow', network: 'mbf', batchSize: 32, classes: 1000, bar: 1.2, engine: 'tensorflow' },
  { name: 'mbf-64-embed', network: 'mbf', batchSize: 64, classes: 2, bar: 1.5, embed: true },
]

export const pytorchRows: readonly Row[] = pytorchWork.map(againstPytorch)
