import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { State } from '../../../src/engines/index.js'
import { makeDirectory, observeWrites } from '../../../src/io/index.js'
import { SafetensorsFile } from '../../../src/safetensors/index.js'
import {
  type Checkpoint,
  checkpointSteps,
  readCheckpoint,
  removeUnfinished,
  writeCheckpoint,
} from '../../../src/training/checkpoints/checkpoint.js'
import { newRunState } from '../../../src/training/checkpoints/run-state.js'

const size = { height: 112, width: 112 }

function checkpointAt(step: number): Checkpoint {
  const run = newRunState(
    {
      fingerprint: 'f',
      images: 10,
      classes: 3,
      batchSize: 2,
      seed: 1,
      network: '"mbf"',
      optimizer: 'sgd',
      gradientAccumulation: 1,
    },
    { lowering: 'onnxruntime portable', provider: 'cpu', threads: 1 },
  )
  const state: State = new Map([
    ['backbone.conv.weight', { shape: [2, 1, 1, 1], data: Float32Array.of(step, -0.1) }],
    ['backbone.bn.num_batches_tracked', { shape: [], data: Float32Array.of(step) }],
    ['head.weight', { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, step) }],
    [
      'optimizer.backbone.conv.weight.momentum_buffer',
      { shape: [2, 1, 1, 1], data: Float32Array.of(1e-30, step) },
    ],
    ['optimizer.head.weight.momentum_buffer', { shape: [3, 2], data: new Float32Array(6).fill(step) }],
  ])
  return {
    state,
    // A name may hold anything, and a label may have none.
    names: ['ann', 'a "line"\nof two', undefined],
    run: {
      ...run,
      step,
      pendingLoss: { sum: 0.1 + 0.2, count: 2 },
      best: { step: 1, accuracy: 0.75 },
      highest: { lfw: 0.8 },
    },
  }
}

let parent: string
let count = 0
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'facedata-checkpoint-'))
})
afterAll(() => rm(parent, { recursive: true }))

async function newFolder(): Promise<string> {
  const folder = join(parent, String(count++))
  await makeDirectory(folder)
  return folder
}

describe('checkpoint', () => {
  it('gives back every bit', async () => {
    const folder = await newFolder()
    await writeCheckpoint(folder, checkpointAt(7), size, 2)
    const { state, run, names } = await readCheckpoint(folder, 7)
    expect(run).toEqual(checkpointAt(7).run)
    expect(names).toEqual(checkpointAt(7).names)
    expect(new Map([...state].sort())).toEqual(new Map([...checkpointAt(7).state].sort()))
  })

  it("has upstream's names and types in backbone.safetensors", async () => {
    const folder = await newFolder()
    await writeCheckpoint(folder, checkpointAt(7), size, 2)
    const file = await SafetensorsFile.open(join(folder, 'step-7', 'backbone.safetensors'))
    expect([...file.entries].map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ['bn.num_batches_tracked', 'I64', []],
      ['conv.weight', 'F32', [2, 1, 1, 1]],
    ])
    expect((await file.read('bn.num_batches_tracked')).data).toEqual(BigInt64Array.of(7n))
    await file.close()
  })

  it('keeps the last ones, by number and not by name', async () => {
    const folder = await newFolder()
    for (const step of [8, 9, 10, 11]) await writeCheckpoint(folder, checkpointAt(step), size, 3)
    expect(await checkpointSteps(folder)).toEqual([9, 10, 11])
  })

  it('writes over one of the same step', async () => {
    const folder = await newFolder()
    await writeCheckpoint(folder, checkpointAt(5), size, 2)
    await writeCheckpoint(folder, checkpointAt(5), size, 2)
    expect(await readdir(folder)).toEqual(['step-5'])
  })

  it('leaves a whole checkpoint wherever it is killed', async () => {
    const total = await eventsOf(await newFolder())
    expect(total).toBeGreaterThan(20)
    for (let kill = 0; kill < total; kill++) {
      const folder = await newFolder()
      await writeCheckpoint(folder, checkpointAt(1), size, 1)
      await expect(killedAt(kill, () => writeCheckpoint(folder, checkpointAt(2), size, 1))).rejects.toThrow(
        'killed',
      )
      const last = (await checkpointSteps(folder)).at(-1)!
      expect([1, 2], `killed before event ${kill}`).toContain(last)
      expect((await readCheckpoint(folder, last)).state.size).toBe(5)
      await removeUnfinished(folder)
      expect((await readdir(folder)).every((name) => /^step-[12]$/.test(name))).toBe(true)
    }
  })

  it('names the file that is damaged', async () => {
    const folder = await newFolder()
    await writeCheckpoint(folder, checkpointAt(3), size, 2)
    const state = join(folder, 'step-3', 'state.msgpack')
    await writeFile(state, Buffer.of(0x81, 0xa4))
    await expect(readCheckpoint(folder, 3)).rejects.toThrow(state)
    await writeFile(state, Buffer.of(0x80))
    await expect(readCheckpoint(folder, 3)).rejects.toThrow(`${state}: is not the state of a run: step`)
    await writeCheckpoint(folder, checkpointAt(3), size, 2)
    const head = join(folder, 'step-3', 'head.safetensors')
    await writeFile(head, Buffer.alloc(20))
    await expect(readCheckpoint(folder, 3)).rejects.toThrow(head)
  })
})

/** Announced writes of one checkpoint that follows another. */
async function eventsOf(folder: string): Promise<number> {
  await writeCheckpoint(folder, checkpointAt(1), size, 1)
  let events = 0
  const stop = observeWrites(() => events++)
  await writeCheckpoint(folder, checkpointAt(2), size, 1)
  stop()
  return events
}

/** The action, its writes from number `kill` on not done. */
async function killedAt(kill: number, action: () => Promise<void>): Promise<void> {
  let events = 0
  const stop = observeWrites(() => {
    if (events++ >= kill) throw new Error('killed')
  })
  try {
    await action()
  } finally {
    stop()
  }
}
