import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { openModel } from '../../src/engines/index.js'
import { silentLog, silentProgress } from '../../src/progress/progress.js'
import { train } from '../../src/stages/train/train.js'
import { writeTinyBin, writeTinyDataset } from '../training/tiny-dataset.js'

const tiny = { identities: 6, imagesEach: 6, size: 32 }

const CONFIG = `
network: {name: mbf, blocks: [1, 0, 0, 0], scale: 1}
embedding_size: 16
margin_list: [1, 0.5, 0]
batch_size: 8
num_epoch: 2
lr: 0.05
frequent: 2
num_workers: 1
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-train-'))
  await writeTinyDataset(join(folder, 'tiny'), tiny)
  await writeTinyBin(join(folder, 'val.bin'), tiny, 20)
  await writeFile(join(folder, 'tiny.yaml'), CONFIG)
})
afterAll(() => rm(folder, { recursive: true }))

function environment() {
  return {
    log: silentLog,
    progress: silentProgress,
    signal: new AbortController().signal,
    jobs: 2,
    strict: false,
    replace: false,
  }
}

describe('train', () => {
  it('trains, logs, keeps checkpoints and the best, and writes a model', async () => {
    const options = {
      config: join(folder, 'tiny.yaml'),
      dataset: join(folder, 'tiny'),
      val_targets: ['val'],
      output: join(folder, 'runs', 'one'),
    }
    const result = await runStage(train, options, environment())
    expect(result.steps).toBe(8)
    console.log(result, await readFile(join(options.output, 'log.jsonl'), 'utf8'))
    const model = await openModel(result.model)
    expect(model.embeddingSize).toBe(16)
    await model.close()
  })
})
