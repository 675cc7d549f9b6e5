import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import type { Log } from '../../src/progress/progress.js'
import { train } from '../../src/stages/train/train.js'
import {
  type Checkpoint,
  checkpointSteps,
  readCheckpoint,
} from '../../src/training/checkpoints/checkpoint.js'
import { localRun } from '../cluster/local-run.js'
import { writeTinyDataset } from '../training/tiny-dataset.js'

const CONFIG = `
network: {name: mbf, blocks: [1, 0, 0, 0], scale: 1}
embedding_size: 8
batch_size: 8
num_epoch: 2
lr: 0.02
frequent: 1
num_workers: 1
`
const tiny = { identities: 6, imagesEach: 4, size: 16 }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-resume-'))
  await writeTinyDataset(join(folder, 'people'), tiny)
  // Two people have left, three have come; the others have new labels.
  await writeTinyDataset(join(folder, 'rebuilt'), { ...tiny, first: 2, identities: 7 })
  await writeTinyDataset(join(folder, 'strangers'), { ...tiny, first: 20 })
  await writeFile(join(folder, 'tiny.yaml'), CONFIG)
})
afterAll(() => rm(folder, { recursive: true }))

const path = (run: string, ...names: string[]) => join(folder, 'runs', run, ...names)

/** Trains and returns what was said. */
async function attempt(run: string, set: string[], { dataset = 'people', resume = true, jobs = 1 } = {}) {
  const said: string[] = []
  const log: Log = { info: (line) => void said.push(line), warn: (line) => void said.push(line) }
  const options = {
    config: join(folder, 'tiny.yaml'),
    dataset: join(folder, dataset),
    output: path(run),
    set,
  }
  await runStage(train, { ...options, val_targets: [], resume }, localRun({ log, jobs }))
  return said
}

/** A run of two steps: two thirds of the first epoch. */
async function begin(run: string, set: string[] = []): Promise<Checkpoint> {
  await attempt(run, ['max_steps=2', ...set], { resume: false })
  return readCheckpoint(path(run, 'checkpoints'), 2)
}

async function lastOf(run: string): Promise<Checkpoint> {
  const steps = await checkpointSteps(path(run, 'checkpoints'))
  return readCheckpoint(path(run, 'checkpoints'), steps.at(-1)!)
}

describe('train --resume', () => {
  it('goes on with another batch size after the images that the epoch has seen, and ends with its epochs', async () => {
    await begin('batch')
    const said = await attempt('batch', ['batch_size=5'])
    expect(said).toContain('batch_size: 5 in place of 8: epoch 0 goes on after 15 images; 1 are seen again')
    // 24 images are 4 steps of 5: one more of this epoch, four of the next.
    const { run } = await lastOf('batch')
    expect(run).toMatchObject({ step: 7, epoch: 2 })
    const lines = (await readFile(path('batch', 'log.jsonl'), 'utf8')).trimEnd().split('\n')
    const log = lines.map((line) => JSON.parse(line) as Record<string, number>)
    expect(log.map(({ step, epoch }) => [step, epoch])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      ...[4, 5, 6, 7].map((step) => [step, 1]),
    ])
    expect(log.map(({ learning_rate: rate }) => rate)).toEqual(
      [1, 5 / 6, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 1 / 8].map((share) => expect.closeTo(0.02 * share, 10)),
    )
  })

  it('carries class centres and what is kept for them over by name, and says how many', async () => {
    const before = await begin('rebuilt', ['optimizer=adamw'])
    // A rate at which no float32 moves.
    const said = await attempt('rebuilt', ['optimizer=adamw', 'max_steps=3', 'lr=1e-30', 'weight_decay=0'], {
      dataset: 'rebuilt',
    })
    expect(said).toContain(
      'another dataset: 4 people keep their class centres, by name; 3 are new; 2 have left',
    )
    const after = await lastOf('rebuilt')
    const row = ({ state }: Checkpoint, name: string, label: number) => [
      ...state.get(name)!.data.subarray(8 * label, 8 * (label + 1)),
    ]
    for (const label of [0, 1, 2, 3]) {
      expect(row(after, 'head.weight', label)).toEqual(row(before, 'head.weight', label + 2))
    }
    expect(row(after, 'head.weight', 4)).not.toEqual(row(before, 'head.weight', 4))
    expect(row(after, 'head.weight', 4).some((value) => value !== 0)).toBe(true)
    expect(after.names).toEqual([2, 3, 4, 5, 6, 7, 8].map((number) => `identity-${number}`))
    expect(after.state.get('optimizer.step')!.data[0]).toBe(3)
    expect(after.state.get('head.weight')!.shape).toEqual([7, 8])
  })

  it('begins with the class centres of the people that it knows where init names a run', async () => {
    const { state } = await lastOf('rebuilt')
    const set = [`init=${path('rebuilt')}`, 'max_steps=0']
    const said = await attempt('init', set, { resume: false })
    expect(said).toContain(
      'init: 4 people keep their class centres, by name; 2 are new and start at random; 3 are not in the dataset',
    )
    const centres = (await lastOf('init')).state.get('head.weight')!.data
    expect(centres.subarray(2 * 8)).toEqual(state.get('head.weight')!.data.subarray(0, 4 * 8))
  })

  it('does not go on with images of another size', async () => {
    await writeTinyDataset(join(folder, 'large'), { ...tiny, size: 32 })
    await begin('large')
    await expect(attempt('large', [], { dataset: 'large' })).rejects.toThrow(
      /cannot resume: its backbone\.\S+ has another shape/,
    )
  })

  it('does not go on where nobody of the dataset is known', async () => {
    await begin('strangers')
    await expect(attempt('strangers', [], { dataset: 'strangers' })).rejects.toThrow(
      /cannot resume: none of the 6 people that it knows is in the dataset/,
    )
  })

  it('starts the state of another optimizer anew and keeps the weights', async () => {
    await begin('optimizer')
    const said = await attempt('optimizer', ['optimizer=adamw', 'max_steps=3'])
    expect(said).toContain('optimizer: adamw in place of sgd: what it keeps for each parameter starts anew')
    const { state } = await lastOf('optimizer')
    expect(state.get('optimizer.step')!.data[0]).toBe(1)
    expect([...state.keys()].some((name) => name.endsWith('momentum_buffer'))).toBe(false)
  })

  it('leaves out gradients that waited for an update of another number of steps', async () => {
    const before = await begin('accumulation', ['gradient_acc=3'])
    expect(before.state.get('optimizer.accumulated_steps')!.data[0]).toBe(2)
    const said = await attempt('accumulation', ['gradient_acc=2', 'max_steps=3'])
    expect(said).toContain('the gradients of 2 steps that waited for their update are left out')
    expect(said).toContain('gradient_acc: 2 in place of 3: from here on')
    expect((await lastOf('accumulation')).state.get('optimizer.accumulated_steps')!.data[0]).toBe(1)
  })

  it('says in a line each which other keys and threads are new, and nothing where all is as it was', async () => {
    await begin('keys')
    const said = await attempt('keys', ['max_steps=3', 'lr=0.01', 'num_epoch=3'], { jobs: 2 })
    const from = said.findIndex((line) => line.startsWith('going on at step 2'))
    const differences = said.slice(from + 1, -1).filter((line) => !line.startsWith('engine: '))
    expect(differences).toEqual(
      [
        'max_steps: 3 in place of 2: the schedule stays as it is',
        'num_epoch: 3 in place of 2: learning rates are those of the new schedule from here on',
        'lr: 0.01 in place of 0.02: learning rates are those of the new schedule from here on',
        'threads: 2 in place of 1: results differ from those of a run that never stopped by what rounding does',
      ].sort((a, b) => said.indexOf(a) - said.indexOf(b)),
    )
    const lowering = expect.stringMatching(/^onnxruntime (portable|blocked)$/)
    expect((await lastOf('keys')).run.engine).toMatchObject({ lowering, threads: 2 })
  })
})
