import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors/index.js'
import { describeInspection, inspect } from '../../../src/inspections/inspect/inspect.js'
import { plainStyle } from '../../../src/terminal/index.js'
import { writeCheckpoint } from '../../../src/training/checkpoints/checkpoint.js'
import { newRunState } from '../../../src/training/checkpoints/run-state.js'
import { temporaryFolder } from '../../temporary-folder.js'

const folder = temporaryFolder()

/** A run of 10 steps an epoch, 2 epochs, that stands at step 12 and has a checkpoint at 10. */
async function writeRun(name: string, more: string[] = []): Promise<string> {
  const run = join(folder, name)
  await mkdir(join(run, 'checkpoints'), { recursive: true })
  await writeFile(
    join(run, 'config.yaml'),
    `dataset: umd\noutput: ${run}\nbatch_size: 10\nnum_epoch: 2\nlr: 0.2\nval_targets: [lfw]\n`,
  )
  const lines: object[] = [2, 4, 6, 8, 10].map((step) => ({
    step,
    epoch: 0,
    loss: 40 - 2 * step,
    learning_rate: 0.2 - step / 100,
    images_per_second: 100 + step,
  }))
  lines.push({ step: 5, epoch: 0, val_target: 'lfw', accuracy: 0.9, spread: 0.02 })
  lines.push({ step: 10, epoch: 0, val_target: 'lfw', accuracy: 0.8, spread: 0.01 })
  lines.push({ step: 12, epoch: 1, loss: 21, learning_rate: 0.08, images_per_second: 50 })
  const text = [...lines.map((line) => JSON.stringify(line)), ...more].join('\n')
  await writeFile(join(run, 'log.jsonl'), `${text}\n`)
  const state = newRunState(
    {
      fingerprint: 'f',
      images: 105,
      classes: 7,
      batchSize: 10,
      seed: 1,
      network: '"mbf"',
      optimizer: 'sgd',
      gradientAccumulation: 1,
    },
    { lowering: 'onnxruntime blocked', provider: 'cpu', threads: 1 },
  )
  await writeCheckpoint(
    join(run, 'checkpoints'),
    {
      state: new Map([['backbone.x', { shape: [1], data: Float32Array.of(1) }]]),
      run: { ...state, step: 10, epoch: 1, best: { step: 5, accuracy: 0.9 } },
      names: [],
    },
    { height: 112, width: 112 },
    2,
  )
  return run
}

const run = await writeRun('first')

describe('inspecting a run', () => {
  it('tells where it stands, its curves and its checkpoints', async () => {
    const found = await inspect(run)
    expect(found).toMatchObject({
      kind: 'run',
      name: 'first',
      step: 12,
      lastStep: 20,
      epoch: 2,
      epochs: 2,
      dataset: 'umd',
      network: 'mbf',
      batchSize: 10,
      data: { images: 105, classes: 7 },
      engine: { lowering: 'onnxruntime blocked' },
      loss: { first: 36, last: 21, lowest: { step: 10, value: 20 }, points: [36, 32, 28, 24, 20, 21] },
      learningRate: { last: 0.08 },
      imagesPerSecond: { last: 50, median: 106 },
      targets: [
        {
          target: 'lfw',
          step: 10,
          last: 0.8,
          spread: 0.01,
          highest: { step: 5, value: 0.9 },
          points: [0.9, 0.8],
        },
      ],
      checkpoints: [10],
      best: { step: 5, accuracy: 0.9 },
    })
    expect(found).not.toHaveProperty('divergedAt')
    expect(found).not.toHaveProperty('modelBytes')
  })

  it('says all that in less than a screen', async () => {
    const lines = describeInspection(await inspect(run), plainStyle)
    expect(lines).toEqual([
      'first: step 12 of 20 (60.0%), epoch 2 of 2, 1 s to go',
      '  network        mbf, 512 numbers; sgd at 0.2, batches of 10; onnxruntime blocked, provider cpu',
      '  dataset        umd: 105 images of 7 identities',
      '  loss           #*+-.. 36.0000 to 21.0000, lowest 20.0000 at step 10',
      expect.stringMatching(/^ {2}learning rate {2}\S{6} now 0\.08000$/),
      expect.stringMatching(/^ {2}images\/s {7}\S{6} now 50, median 106$/),
      '  accuracy       lfw #. 0.80000 +- 0.01000 at step 10, highest 0.90000 at step 5',
      '  checkpoint     step 10, 1 kept',
      '  model          no model.onnx yet; best so far: step 5, mean accuracy 0.90000',
      `  folder         ${run}`,
    ])
  })

  it('passes over a line that was cut off, and tells of a loss that was lost', async () => {
    const lost = { step: 13, epoch: 1, loss: null, learning_rate: 0.07, gradient_norm: null, records: [1, 2] }
    const diverged = await writeRun('diverged', [JSON.stringify(lost), '{"step": 14, "ep'])
    const found = await inspect(diverged)
    expect(found).toMatchObject({ step: 13, divergedAt: 13 })
    expect(describeInspection(found)[0]).toContain('diverged at step 13')
  })

  it('can look at a run before its first line and checkpoint', async () => {
    const started = join(folder, 'started')
    await mkdir(started)
    await writeFile(join(started, 'config.yaml'), `dataset: umd\noutput: ${started}\n`)
    const found = await inspect(started)
    expect(found).toMatchObject({ kind: 'run', step: 0, targets: [], checkpoints: [] })
    expect(describeInspection(found)[0]).toBe('started: no step is told of yet')
  })

  it('has no records to show', async () => {
    await expect(inspect(run, { record: 3 })).rejects.toThrow(UsageError)
  })
})
