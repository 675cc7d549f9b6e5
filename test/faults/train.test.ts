import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Random } from '../../src/random/random.js'
import { writeTinyBin, writeTinyDataset } from '../training/tiny-dataset.js'
import { countWrites, facedata, stoppedAtWrite } from './command-line.js'
import { differences, filesBelow } from './every-crash.js'
import { memoryFolder } from './memory-folder.js'

/** Points at which the run is killed, spread over its writes: most of them are those of checkpoints. */
const POINTS = 5

const folder = memoryFolder()
const run = join(folder, 'run')
const command = ['train', join(folder, 'tiny.yaml'), '-o', run, '--jobs', '1']

// Everything that a state may hold: two moments, a count of updates, gradients that wait, sampled class centres.
const CONFIG = `
dataset: ${join(folder, 'people')}
network: {name: mbf, blocks: [1, 0, 0, 0], scale: 1}
embedding_size: 8
sample_rate: 0.9
optimizer: adamw
lr: 0.002
batch_size: 4
gradient_acc: 2
num_epoch: 2
frequent: 2
verbose: 3
save_steps: 3
num_workers: 1
val_targets: [${join(folder, 'val.bin')}]
`

describe('train', () => {
  let writes: number
  let whole: Map<string, Buffer>

  beforeAll(async () => {
    const tiny = { identities: 10, imagesEach: 2, size: 16 }
    await writeTinyDataset(join(folder, 'people'), tiny)
    await writeTinyBin(join(folder, 'val.bin'), tiny, 20)
    writeFileSync(join(folder, 'tiny.yaml'), CONFIG)
    writes = await countWrites(command)
    whole = lastingFiles()
  }, 60_000)

  beforeEach(() => rmSync(run, { recursive: true, force: true }))

  it('killed at any of its writes and started again, ends with the same losses and parameters, bit by bit', async () => {
    expect([...whole.keys()]).toContain(join('checkpoints', 'step-10', 'optimizer.safetensors'))
    const random = new Random(11)
    let resumed = 0
    for (let point = 0; point < POINTS; point++) {
      rmSync(run, { recursive: true, force: true })
      const write = 1 + Math.floor((writes * (point + random.uniform())) / POINTS)
      const ended = await stoppedAtWrite('SIGKILL', write, command)
      expect(ended, `write ${write} of ${writes}`).toMatchObject({ signal: 'SIGKILL' })
      const again = await facedata(command)
      expect(again, `after a kill at write ${write}`).toMatchObject({ code: 0 })
      if (again.stderr.includes('going on at step')) resumed++
      expect(differences(lastingFiles(), whole), `after a kill at write ${write}`).toEqual([])
      expect(readdirSync(join(run, 'checkpoints')).sort()).toEqual(['step-10', 'step-9'])
    }
    expect(resumed).toBeGreaterThan(POINTS / 2)
  }, 300_000)
})

/** What a run leaves, its log without the pace. TensorBoard's files hold times. */
function lastingFiles(): Map<string, Buffer> {
  const files = filesBelow(run)
  for (const name of files.keys()) if (name.startsWith('tensorboard')) files.delete(name)
  const log = readFileSync(join(run, 'log.jsonl'), 'utf8')
  return files.set('log.jsonl', Buffer.from(log.replaceAll(/"images_per_second":[\d.]+,?/g, '')))
}
