import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createTrainingSession, exportModel } from '../../dist/engines/index.js'
import { namedBackbone } from '../../dist/network/index.js'
import { writeBin } from '../data/bin-load.js'
import { pythonSide } from '../python.js'
import { type Row, scaled } from '../row.js'
import { facedata, processSide } from '../whole-process.js'

/** `facedata evaluate` as a whole process, with flips and ten folds; PyTorch's start and the loading of its bin are not timed. */
export const binEvaluate: Row = {
  name: 'bin-evaluate',
  work: 'evaluate mbf on a bin, with flips',
  unit: 'images/s',
  async prepare(bench) {
    const images = 2 * scaled(6000, bench, 50)
    const bin = join(bench.path, 'bench.bin')
    const model = join(bench.path, 'model.onnx')
    await writeBin(bin, images / 2)
    await writeModel(model)
    const python = await pythonSide('PyTorch, embeddings alone', 'evaluate_bin.py', [
      bin,
      `${availableParallelism()}`,
    ])
    return {
      inputs: `${images.toLocaleString('en-US')} JPEGs 112x112, each twice`,
      ours: processSide({
        ...{ name: 'facedata evaluate', command: facedata('evaluate', model, bin, '--provider', 'cpu') },
        ...{ amount: images, folder: bench.path, outputs: [] },
      }),
      others: [{ side: python.side, bar: 1.5 }],
      close: python.close,
    }
  },
}

async function writeModel(path: string): Promise<void> {
  const backbone = namedBackbone('mbf', {}, { embeddingSize: 512, imageSize: 112 })
  const session = await createTrainingSession({
    ...{ backbone, batchSize: 2, classes: 2, seed: 1, provider: 'cpu' },
    head: {
      ...{ margin: { name: 'arcface', m: 0.5 }, scale: 64 },
      ...{ marginGradient: 'straight-through', interclassFilteringThreshold: 0 },
    },
    optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
  })
  await exportModel(backbone, await session.state(), path, { color: 'rgb', mean: 127.5, std: 127.5 })
  await session.close()
}
