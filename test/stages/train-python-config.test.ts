import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { train } from '../../src/stages/train/train.js'
import { localRun } from '../cluster/local-run.js'
import { writeTinyDataset } from '../training/tiny-dataset.js'

/** As people have them: num_image is the number of classes, and images are to be decoded by DALI. */
const CONFIG = `from easydict import EasyDict as edict

config = edict()
config.margin_list = [1, 0.5, 0]
config.network = "mbf"
config.resume = False
config.output = None
config.embedding_size = 512
config.sample_rate = 1.0
config.fp16 = True
config.optimizer = "sgd"
config.momentum = 0.9
config.weight_decay = 1e-4
config.batch_size = 4
config.lr = 0.1
config.verbose = 2000
config.save_all_states = False
config.dali = True

config.rec = "tiny"
config.num_classes = 6
config.num_image = 6
config.num_epoch = 2
config.warmup_epoch = 0
config.val_targets = []
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-train-python-'))
  await writeTinyDataset(join(folder, 'tiny'), { identities: 6, imagesEach: 6, size: 32 })
  await writeFile(join(folder, 'tiny_mbf.py'), CONFIG)
})
afterAll(() => rm(folder, { recursive: true }))

describe('train with a Python config of upstream', () => {
  it('runs it as it stands, warning of num_image and dali alone', { timeout: 60_000 }, async () => {
    const warnings: string[] = []
    const options = {
      config: join(folder, 'tiny_mbf.py'),
      datasets: folder,
      output: join(folder, 'run'),
      set: ['max_steps=1'],
    }
    const log = { info() {}, warn: (line: string) => void warnings.push(line) }
    const summary = await runStage(train, options, localRun({ log }))
    expect(summary.steps).toBe(1)
    expect(warnings).toEqual([
      `${join(folder, 'tiny_mbf.py')}: line 18: dali is ignored: images are decoded by worker threads`,
      "num_image is 6 in the config and 36 in the dataset; the dataset's number is used: by the config's, upstream's " +
        'learning rate would be 0 from step 2 of 18 on, in epoch 1 of 2',
    ])
  })

  it('writes to work_dirs where the config says None', () => {
    const output = train.output({ config: join(folder, 'tiny_mbf.py') })
    expect(output.path.endsWith(join('work_dirs', 'tiny_mbf'))).toBe(true)
  })
})
