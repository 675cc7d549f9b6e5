import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import {
  createTrainingSession,
  exportModel,
  openModel,
  type State,
  type TrainingOptions,
  type TrainingSession,
} from '../../src/engines/index.js'
import { UsageError } from '../../src/errors/index.js'
import { iresnet, mobilefacenet } from '../../src/network/index.js'
import { oracle, runOracle } from '../oracles/python.js'
import { describeOnEngines } from './engines.js'
import { distance, hashed, norm } from './reference.js'

const batchSize = 6
const options: TrainingOptions = {
  backbone: mobilefacenet({ blocks: [1, 0, 0, 0], scale: 1, embeddingSize: 16, imageSize: 32 }),
  head: {
    ...{ margin: { name: 'arcface', m: 0.5 }, scale: 64 },
    ...{ marginGradient: 'straight-through', interclassFilteringThreshold: 0 },
  },
  optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
  ...{ batchSize, classes: 4, seed: 7, provider: 'cpu', threads: 1 },
}
const imageLength = 3 * 32 * 32
const description = { color: 'rgb', mean: 127.5, std: 127.5 } as const

/** Images of four classes that differ in brightness by place. */
function batchOf(step: number) {
  const labels = Int32Array.from(hashed(batchSize, step), (value) => value % 4)
  const noise = hashed(batchSize * imageLength, 50 + step)
  const images = Uint8Array.from({ length: noise.length }, (_, i) => {
    const label = labels[Math.floor(i / imageLength)]!
    return 60 + 20 * ((Math.floor(i / 8) + label) % 4) + (noise[i]! >>> 27)
  })
  return { images, labels, learningRate: 0.02 }
}

describeOnEngines('a training session', (engine) => {
  const sessions: TrainingSession[] = []
  const open = (changes: Partial<TrainingOptions> = {}) =>
    createTrainingSession({ ...options, engine, ...changes })
  let folder: string
  /** A session as it was created, which tests look at and leave so: making one takes longer than a look. */
  let untrained: TrainingSession
  /** Two sessions of which a test leaves both with the same state. */
  let twins: [TrainingSession, TrainingSession]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'facedata-engine-'))
    untrained = await open()
    twins = [await open(), await open()]
  })
  afterAll(async () => {
    await Promise.all([untrained, ...twins].map((session) => session.close()))
    await rm(folder, { recursive: true })
  })
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()))
  })

  async function create(changes: Partial<TrainingOptions> = {}): Promise<TrainingSession> {
    const session = await open(changes)
    sessions.push(session)
    return session
  }

  async function train(session: TrainingSession, from: number, to: number): Promise<number[]> {
    const losses: number[] = []
    for (let step = from; step < to; step++) losses.push((await session.step(batchOf(step))).loss)
    return losses
  }

  it('learns', async () => {
    const losses = await train(await create(), 0, 30)
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(losses.slice(-5))).toBeLessThan(mean(losses.slice(0, 5)) - 5)
  })

  it('gives the same bits again, and after a stop', async () => {
    const threads = 2
    const first = await create({ threads })
    const losses = await train(first, 0, 6)
    const again = await create({ threads })
    expect(await train(again, 0, 3)).toEqual(losses.slice(0, 3))
    const stopped = await again.state()

    const resumed = await create({ threads, seed: 8 })
    await resumed.load(stopped)
    expect(await train(resumed, 3, 6)).toEqual(losses.slice(3))
    expect(await resumed.state()).toEqual(await first.state())
  })

  it('names its state as PyTorch does, with the momentum of what is trained', async () => {
    const state = await untrained.state()
    expect(state.get('head.weight')?.shape).toEqual([4, 16])
    expect(state.get('backbone.layers.0.layers.1.running_var')?.data).toEqual(new Float32Array(64).fill(1))
    expect(state.get('backbone.layers.0.layers.1.num_batches_tracked')?.shape).toEqual([])
    expect(state.get('optimizer.backbone.layers.0.layers.2.weight.momentum_buffer')?.data).toEqual(
      new Float32Array(64),
    )
    expect(state.has('optimizer.backbone.layers.0.layers.1.running_var.momentum_buffer')).toBe(false)
    const weights = state.get('backbone.layers.1.layers.0.weight')!
    expect(weights.shape).toEqual([64, 1, 3, 3])
    const deviation = norm(weights.data) / Math.sqrt(weights.data.length)
    expect(deviation / Math.sqrt(2 / (64 * 9))).toBeCloseTo(1, 1)
  })

  it('starts from the seed', async () => {
    const again = await create()
    const other = await create({ seed: 8 })
    const [a, b, c] = await Promise.all([untrained, again, other].map((session) => session.state()))
    expect(a).toEqual(b)
    expect(a!.get('head.weight')).not.toEqual(c!.get('head.weight'))
  })

  it('loads a part and keeps the rest', async () => {
    const session = untrained
    const before = await session.state()
    const own = { shape: [4, 16], data: before.get('head.weight')!.data.slice() }
    const centres = { shape: [4, 16], data: new Float32Array(64).fill(0.5) }
    await session.load(new Map([['head.weight', centres]]))
    const after = await session.state()
    expect(after.get('head.weight')).toEqual(centres)
    before.set('head.weight', centres)
    expect(after).toEqual(before)
    await session.load(new Map([['head.weight', own]]))
  })

  it('embeds with running statistics, any count, as the model that it exports', async () => {
    const session = await create()
    await train(session, 0, 2)
    const { images } = batchOf(9)
    const embeddings = await session.embed(images)
    expect(embeddings.length).toBe(batchSize * 16)
    const more = await session.embed(Uint8Array.of(...images, ...images.subarray(0, imageLength)))
    expect(distance(more.subarray(0, embeddings.length), embeddings)).toBeLessThan(1e-5 * norm(embeddings))
    expect((await session.embed(new Uint8Array(0))).length).toBe(0)

    const path = join(folder, 'model.onnx')
    await exportModel(options.backbone, await session.state(), path, description)
    const model = await openModel(path)
    expect(model.inputSize).toEqual({ height: 32, width: 32 })
    expect(model.embeddingSize).toBe(16)
    expect(distance(await model.embed(images, batchSize), embeddings)).toBeLessThan(1e-5 * norm(embeddings))
    await model.close()

    await session.step(batchOf(2))
    expect(distance(await session.embed(images), embeddings)).toBeGreaterThan(1e-3 * norm(embeddings))
  })

  it.skipIf(oracle('torch') === undefined).each([
    ['a MobileFaceNet', options.backbone],
    ['an IResNet', iresnet({ layers: [1, 1, 1, 1], embeddingSize: 16, imageSize: 32 })],
  ])(
    "exports %s that onnx.checker accepts and Python's onnxruntime runs alike (needs the torch oracle)",
    async (_, backbone) => {
      const session = await create({ backbone })
      await train(session, 0, 2)
      const { images } = batchOf(9)
      const path = join(folder, 'checked.onnx')
      await exportModel(backbone, await session.state(), path, description)
      const [inputPath, outputPath] = [join(folder, 'input.bin'), join(folder, 'output.bin')]
      const input = Float32Array.from(images, (pixel) => (pixel - 127.5) / 127.5)
      await writeFile(inputPath, new Uint8Array(input.buffer))
      await runOracle('torch', 'check_onnx.py', path, '--run', inputPath, outputPath)
      const bytes = await readFile(outputPath)
      const output = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
      const embeddings = await session.embed(images)
      embeddings.forEach((value, i) => {
        expect(Math.abs(output[i]! - value)).toBeLessThan(1e-4)
      })
    },
  )

  it('answers in the order of the calls', async () => {
    const [session, other] = twins
    const before = session.state()
    const step = session.step(batchOf(0))
    const after = session.state()
    expect((await before).get('head.weight')).not.toEqual((await after).get('head.weight'))
    expect(await step).toEqual(await other.step(batchOf(0)))
  })

  it('takes batches that were handed over ahead of their steps, in any order, as they were then', async () => {
    const [ahead, other] = twins
    const [first, second, third] = [batchOf(0), batchOf(1), batchOf(2)]
    ahead.prepare(second)
    const steps = [ahead.step(first), ahead.step(second)]
    ahead.prepare(third)
    third.images.fill(0)
    for (const [index, step] of steps.entries()) expect(await step).toEqual(await other.step(batchOf(index)))
    expect(await ahead.step(third)).toEqual(await other.step(batchOf(2)))
    expect(await ahead.state()).toEqual(await other.state())
  })

  it('leaves the caller its arrays', async () => {
    const [session, other] = twins
    const batch = batchOf(0)
    // A view of something larger, as readers hand them out.
    const images = Buffer.concat([new Uint8Array(7), batch.images, new Uint8Array(9)]).subarray(7, -9)
    const step = session.step({ ...batch, images })
    images.fill(0)
    expect(await step).toEqual(await other.step(batchOf(0)))
  })

  it('refuses batches and states of another form', async () => {
    const session = untrained
    const batch = batchOf(0)
    await expect(session.step({ ...batch, images: batch.images.subarray(1) })).rejects.toThrow(UsageError)
    await expect(session.step({ ...batch, labels: batch.labels.fill(4) })).rejects.toThrow(
      /label 4 is outside the 4/,
    )
    expect(() => session.prepare({ ...batch, images: batch.images.subarray(1) })).toThrow(UsageError)
    await expect(session.embed(new Uint8Array(5))).rejects.toThrow(UsageError)
    const load = (name: string, shape: number[], length: number) =>
      session.load(new Map([[name, { shape, data: new Float32Array(length) }]]) satisfies State)
    await expect(load('backbone.layers.99.weight', [1], 1)).rejects.toThrow(/no backbone.layers.99.weight/)
    await expect(load('head.weight', [16, 4], 64)).rejects.toThrow(/must have shape \[4,16\]/)
    await expect(load('head.weight', [4, 16], 60)).rejects.toThrow(/60 values/)
  })

  it('refuses sizes that make no training', async () => {
    await expect(create({ batchSize: 1 })).rejects.toThrow(/batch_size/)
    await expect(create({ classes: 0 })).rejects.toThrow(/at least one identity/)
  })

  it('says that it is closed', async () => {
    const session = await create()
    await session.close()
    await session.close()
    session.prepare(batchOf(0))
    await expect(session.step(batchOf(0))).rejects.toThrow('closed')
  })
})
