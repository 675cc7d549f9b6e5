import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../../src/errors/index.js'
import { readRunLog } from '../../../src/training/watching/run-log.js'
import { temporaryFolder } from '../../temporary-folder.js'

const folder = temporaryFolder()
const path = join(folder, 'log.jsonl')

async function read(...lines: (object | string)[]) {
  await writeFile(
    path,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  )
  return readRunLog(path)
}

const first = { step: 10, epoch: 0, loss: 30.5, learning_rate: 0.1, images_per_second: 90 }

describe('the log of a run', () => {
  it('is read by columns, with a curve for each val target', async () => {
    const { training, targets, lost, lines, unreadable } = await read(
      first,
      { step: 10, epoch: 0, val_target: 'lfw', accuracy: 0.6, spread: 0.1, threshold: 1, highest: 0.6 },
      { step: 10, epoch: 0, val_target: 'own', accuracy: 0.7, spread: 0.2 },
      { ...first, step: 20, loss: 28 },
      { step: 20, epoch: 1, val_target: 'lfw', accuracy: 0.65, spread: 0.05 },
    )
    expect(training).toEqual({
      steps: [10, 20],
      epochs: [0, 0],
      losses: [30.5, 28],
      learningRates: [0.1, 0.1],
      imagesPerSecond: [90, 90],
    })
    expect([...targets]).toEqual([
      ['lfw', { steps: [10, 20], accuracies: [0.6, 0.65], spreads: [0.1, 0.05] }],
      ['own', { steps: [10], accuracies: [0.7], spreads: [0.2] }],
    ])
    expect({ lost, lines, unreadable }).toEqual({ lost: undefined, lines: 5, unreadable: [] })
  })

  it('passes over lines of other kinds, and names what is no event: a killed run leaves the last one unfinished', async () => {
    const { training, unreadable } = await read(
      first,
      { step: 11, epoch: 0, news: 'x' },
      'null',
      '[]',
      '{"step": 20, "lo',
    )
    expect(training.steps).toEqual([10])
    expect(unreadable).toEqual([3, 4, 5])
  })

  it('tells where the loss was lost', async () => {
    const lost = { step: 13, epoch: 0, loss: null, learning_rate: 0.1, gradient_norm: null, records: [1] }
    const log = await read(first, lost)
    expect(log.training.losses).toEqual([30.5, Number.NaN])
    expect(log.lost).toEqual({ step: 13, loss: Number.NaN, learningRate: 0.1 })
  })

  it('names a file that cannot be read', async () => {
    await expect(readRunLog(folder)).rejects.toThrow(InputError)
  })

  it('has no lines where there is none', async () => {
    expect((await readRunLog(join(folder, 'none.jsonl'))).lines).toBe(0)
  })
})
