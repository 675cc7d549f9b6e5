import { describe, expect, it } from 'vitest'
import type { State } from '../../../src/engines/index.js'
import type { IdentityNames } from '../../../src/training/checkpoints/identity-names.js'
import { newRunState, type RunData } from '../../../src/training/checkpoints/run-state.js'
import { type Resumption, resume } from '../../../src/training/resume/resumption.js'

const engine = { lowering: 'onnxruntime portable', provider: 'cpu', threads: 1 }
const before: RunData = {
  fingerprint: 'a',
  images: 30,
  classes: 3,
  batchSize: 4,
  seed: 1,
  network: '["mbf",2]',
  optimizer: 'sgd',
  gradientAccumulation: 1,
}

/** A run of 9 steps, 2 of them in its second epoch, that goes on with what is new. */
async function goOn(
  changes: Partial<RunData>,
  { earlier = [], names = [] }: { earlier?: IdentityNames; names?: IdentityNames } = {},
) {
  const said: string[] = []
  const data = { ...before, ...changes }
  const state: State = new Map([
    ['backbone.weight', { shape: [1], data: Float32Array.of(5) }],
    ['head.weight', { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ['optimizer.head.weight.momentum_buffer', { shape: [3, 2], data: Float32Array.of(6, 5, 4, 3, 2, 1) }],
  ])
  const perClass = () => ({ shape: [data.classes, 2], data: new Float32Array(2 * data.classes).fill(9) })
  const initial: State = new Map([
    ['head.weight', perClass()],
    ['optimizer.head.weight.momentum_buffer', perClass()],
  ])
  const resumption: Resumption = {
    run: 'runs/a',
    data,
    engine,
    names,
    shapes: new Map([...state].map(([name, { shape }]) => [name, initial.get(name)?.shape ?? shape])),
    initialState: async () => initial,
    log: { info: (line) => void said.push(line), warn: (line) => void said.push(line) },
  }
  const run = { ...newRunState(before, engine), step: 9, epoch: 1 }
  return { ...(await resume({ state, run, names: earlier }, resumption)), said }
}

describe('a run that goes on', () => {
  it('is as it was, and nothing is said, where nothing is new', async () => {
    const { state, run, said } = await goOn({})
    expect(said).toEqual([])
    expect(run).toMatchObject({ step: 9, shift: 0 })
    expect([...state.get('head.weight')!.data]).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('keeps its place in the epoch by images, whatever the batch size', async () => {
    // 30 images are 7 steps of 4: the second epoch has seen 8 images. Of 3 they are 10 steps, of 15 two.
    expect((await goOn({ batchSize: 3 })).run.shift).toBe(10 + 2 - 9)
    expect((await goOn({ batchSize: 15 })).run.shift).toBe(2 + 0 - 9)
    expect((await goOn({ batchSize: 15 })).said).toEqual([
      'batch_size: 15 in place of 4: epoch 1 goes on after 0 images; 8 are seen again',
      'its steps are counted on from 9',
    ])
  })

  it('carries centres and their momentum over by name', async () => {
    const { state, said, names } = await goOn(
      { fingerprint: 'b', classes: 2 },
      { earlier: ['ann', 'bob', 'cleo'], names: ['cleo', 'dan'] },
    )
    expect([...state.get('head.weight')!.data]).toEqual([5, 6, 9, 9])
    expect([...state.get('optimizer.head.weight.momentum_buffer')!.data]).toEqual([2, 1, 9, 9])
    expect(names).toEqual(['cleo', 'dan'])
    expect(said).toContain(
      'another dataset: 1 people keep their class centres, by name; 1 are new; 2 have left',
    )
  })

  it('goes by label where there are no names and as many classes, and not where there are others', async () => {
    const { state, said } = await goOn({ fingerprint: 'b' })
    expect([...state.get('head.weight')!.data]).toEqual([1, 2, 3, 4, 5, 6])
    expect(said).toContain('another dataset, without names: its 3 class centres are carried over by label')
    await expect(goOn({ fingerprint: 'b', classes: 4 })).rejects.toThrow(
      /runs\/a: cannot resume: its dataset had 3 identities, now it has 4, and without their names/,
    )
  })

  it('refuses another network', async () => {
    await expect(goOn({ network: '["mbf",4]' })).rejects.toThrow(/cannot resume: its network .*--replace/)
  })
})
