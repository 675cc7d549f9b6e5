import { afterEach, expect, it } from 'vitest'
import {
  createTrainingSession,
  type State,
  type TrainingOptions,
  type TrainingSession,
} from '../../src/engines/index.js'
import { UsageError } from '../../src/errors/index.js'
import { mobilefacenet, sampleCentres } from '../../src/network/index.js'
import { describeOnEngines } from './engines.js'
import { hashed } from './reference.js'

const classes = 20
const batchSize = 4
const size = 8
const options: TrainingOptions = {
  backbone: mobilefacenet({ blocks: [1, 0, 0, 0], scale: 1, embeddingSize: size, imageSize: 16 }),
  head: {
    ...{ margin: { name: 'arcface', m: 0.5 }, scale: 64 },
    ...{ marginGradient: 'straight-through', interclassFilteringThreshold: 0 },
  },
  optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
  ...{ batchSize, classes, seed: 7, provider: 'cpu', threads: 1 },
}

function batchOf(step: number) {
  const labels = Int32Array.from(hashed(batchSize, step), (value) => value % classes)
  const images = Uint8Array.from(hashed(batchSize * 3 * 16 * 16, 50 + step), (value) => value >>> 24)
  return { images, labels, learningRate: 0.05 }
}

function sampledBatch(step: number, count = 6) {
  const batch = batchOf(step)
  return { ...batch, centres: sampleCentres({ seed: 7, step, classes, count, labels: batch.labels }) }
}

describeOnEngines('a training session with sampled class centres', (engine) => {
  const sessions: TrainingSession[] = []
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()))
  })

  async function create(changes: Partial<TrainingOptions> = {}): Promise<TrainingSession> {
    const session = await createTrainingSession({ ...options, engine, ...changes })
    sessions.push(session)
    return session
  }

  it('moves the sampled centres and their momentum, and no others', async () => {
    const session = await create({ sampledCentres: 6 })
    const touched = new Set<number>()
    for (let step = 0; step < 2; step++) {
      const before = rowsOf(await session.state())
      const batch = sampledBatch(step)
      await session.step(batch)
      for (const centre of batch.centres) touched.add(centre)
      const after = rowsOf(await session.state())
      for (let row = 0; row < classes; row++) {
        const moved = after[row] !== before[row]
        expect(moved, `centre ${row} in step ${step}`).toBe(batch.centres.includes(row))
      }
    }
    expect(touched.size).toBeGreaterThan(6)
    expect(touched.size).toBeLessThan(classes)
  })

  it('is the full head, bit by bit, where it samples every centre', async () => {
    const full = await create()
    const sampled = await create({ sampledCentres: classes })
    for (let step = 0; step < 3; step++) {
      expect(await sampled.step(sampledBatch(step, classes))).toEqual(await full.step(batchOf(step)))
    }
    const [expected, state] = [await full.state(), await sampled.state()]
    expect([...state.keys()].sort()).toEqual([...expected.keys()].sort())
    for (const [name, { shape, data }] of expected) {
      expect(state.get(name)!.shape, name).toEqual(shape)
      expect(Float32Array.from(state.get(name)!.data), name).toEqual(data)
    }
  })

  it('goes on with a state that another session left, also one without sampling', async () => {
    const first = await create({ sampledCentres: 6 })
    await first.step(sampledBatch(0))
    const other = await create({ sampledCentres: 6, seed: 8 })
    await other.load(copyOf(await first.state()))
    expect(await other.step(sampledBatch(1))).toEqual(await first.step(sampledBatch(1)))
    expect(rowsOf(await other.state())).toEqual(rowsOf(await first.state()))
    const full = await create({ seed: 9 })
    await full.load(copyOf(await first.state()))
    expect(rowsOf(await full.state())).toEqual(rowsOf(await first.state()))
  })

  it.runIf(engine === 'onnxruntime')(
    'keeps centres in memory that it shares, and takes such memory over',
    async () => {
      const session = await create({ sampledCentres: 6 })
      const centres = new Float32Array(new SharedArrayBuffer(4 * classes * size)).fill(0.25)
      await session.load(new Map([['head.weight', { shape: [classes, size], data: centres }]]))
      const batch = sampledBatch(0)
      await session.step(batch)
      const { data } = (await session.state()).get('head.weight')!
      expect(data.buffer).toBeInstanceOf(SharedArrayBuffer)
      expect(data).toEqual(centres)
      expect(centres[batch.centres[0]! * size]).not.toBe(0.25)
    },
  )

  it('refuses centres of another number, out of order, outside the classes, or without those of the labels', async () => {
    const session = await create({ sampledCentres: 6 })
    const batch = sampledBatch(0)
    const step = (centres?: Int32Array) => session.step({ ...batch, ...(centres && { centres }) })
    await expect(session.step(batchOf(0))).rejects.toThrow(/works with 6 class centres a step.*none/)
    await expect(step(batch.centres.subarray(1))).rejects.toThrow(/names 5/)
    await expect(step(batch.centres.toReversed())).rejects.toThrow(/must ascend from 0 to 19/)
    await expect(step(batch.centres.with(5, classes))).rejects.toThrow(/number 5 is 20/)
    const others = Array.from({ length: classes }, (_, label) => label).filter(
      (x) => !batch.labels.includes(x),
    )
    await expect(step(Int32Array.from(others.slice(0, 6)))).rejects.toThrow(/has no centre among the sampled/)
    await expect((await create()).step(batch)).rejects.toThrow(/works with all class centres/)
    await expect(create({ sampledCentres: 21 })).rejects.toThrow(UsageError)
    await expect(create({ sampledCentres: 0 })).rejects.toThrow(UsageError)
  })
})

function copyOf(state: State): State {
  return new Map([...state].map(([name, { shape, data }]) => [name, { shape, data: new Float32Array(data) }]))
}

/** Each centre and its momentum, as text. */
function rowsOf(state: State): string[] {
  const tensors = ['head.weight', 'optimizer.head.weight.momentum_buffer'].map(
    (name) => state.get(name)!.data,
  )
  return Array.from({ length: classes }, (_, row) =>
    tensors.map((data) => data.slice(row * size, (row + 1) * size).join()).join(';'),
  )
}
