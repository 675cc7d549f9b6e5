import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTrainingSession, type TrainingSession } from '../../src/engines/index.js'
import { stateLayout } from '../../src/engines/state-layout.js'
import type { State, StepResult, TrainingOptions } from '../../src/engines/training-session.js'
import { iresnet, type MarginHead, mobilefacenet } from '../../src/network/index.js'
import { oracle } from '../oracles/python.js'
import { describeOnEngines } from './engines.js'
import { askPytorch, readGolden } from './golden.js'
import { distance, fillingOf, hashed, hashedValues, norm } from './reference.js'

/** PyTorch with autocast and GradScaler, as arcface_torch with fp16. */
interface Reference {
  losses: number[]
  norms: (number | null)[]
  /** Of every step. */
  scales: number[]
  /** Of every update. */
  skipped: boolean[]
}

const size = { embeddingSize: 16, imageSize: 32 }
const networks = {
  mbf: { blocks: [1, 1, 0, 1] as [number, number, number, number], scale: 1, ...size },
  iresnet: { layers: [1, 1, 1, 1] as [number, number, number, number], ...size },
}
const [batch, classes, learningRate] = [8, 10, 0.01]
const head: MarginHead = {
  ...{ margin: { name: 'arcface', m: 0.5 }, scale: 8 },
  ...{ marginGradient: 'straight-through', interclassFilteringThreshold: 0 },
}
const optimizer = { name: 'sgd' as const, momentum: 0.9, weightDecay: 5e-4 }
/** A scale that overflows does so by far, and one that does not is far from it: sums are rounded otherwise than PyTorch's. */
const cases = {
  growth_mbf: { network: networks.mbf, scaling: { scale: 1024, growthTracker: 97 }, steps: 5, acc: 1 },
  accumulated_mbf: { network: networks.mbf, scaling: { scale: 512, growthTracker: 98 }, steps: 6, acc: 2 },
  overflow_mbf: { network: networks.mbf, scaling: { scale: 2 ** 40, growthTracker: 50 }, steps: 4, acc: 2 },
  overflow_iresnet: {
    network: networks.iresnet,
    scaling: { scale: 2 ** 40, growthTracker: 0 },
    steps: 2,
    acc: 1,
  },
}

describeOnEngines('mixed precision', (engine) =>
  describe.each(Object.entries(cases))('%s', (name, { network, scaling, steps, acc }) => {
    const golden = `mixed_precision_${name}.json`
    const backbone = 'layers' in network ? iresnet(network) : mobilefacenet(network)
    const options: TrainingOptions = {
      ...{ backbone, head, optimizer, batchSize: batch, classes, seed: 1, provider: 'cpu', threads: 2 },
      ...{ float16: true, gradientAccumulation: acc },
    }
    const layout = stateLayout(options)
    const fillings = layout.filter(({ kind }) => kind === 'parameter').map(fillingOf)
    const results: StepResult[] = []

    beforeAll(async () => {
      const run = await createTrainingSession({ ...options, engine })
      const state: State = new Map(
        fillings.map((filling, salt) => [
          filling.name,
          { shape: filling.shape, data: hashedValues(filling, salt) },
        ]),
      )
      state.set('optimizer.loss_scale', { shape: [], data: Float32Array.of(scaling.scale) })
      state.set('optimizer.growth_tracker', { shape: [], data: Float32Array.of(scaling.growthTracker) })
      await run.load(state)
      for (let step = 0; step < steps; step++) {
        const images = Uint8Array.from(hashed(batch * 3 * 32 ** 2, 1000 + step), (value) => value >>> 24)
        const labels = Int32Array.from(hashed(batch, 2000 + step), (value) => value % classes)
        results.push(await run.step({ images, labels, learningRate }))
      }
      await run.close()
    })

    it("follows PyTorch's scale and leaves out the updates that PyTorch leaves out", async () => {
      const { scales, skipped } = await readGolden<Reference>(golden)
      expect(results.map((result) => result.scaling!.scale)).toEqual(scales)
      const updates = results.filter((_, step) => (step + 1) % acc === 0)
      expect(updates.map((result) => result.scaling!.skipped)).toEqual(skipped)
      expect(results.at(-1)!.scaling!.skippedUpdates).toBe(skipped.filter(Boolean).length)
    })

    it("follows PyTorch's losses and norms within float16's rounding", async () => {
      const { losses, norms } = await readGolden<Reference>(golden)
      const ours = results.map(({ loss }) => loss)
      expect(distance(ours, losses) / norm(losses)).toBeLessThan(1e-2)
      const updates = results.filter((_, step) => (step + 1) % acc === 0)
      updates.forEach(({ gradientNorm }, index) => {
        const expected = norms[index]!
        expect(Number.isFinite(gradientNorm)).toBe(expected !== null)
        if (expected !== null) expect(Math.abs(gradientNorm / expected - 1)).toBeLessThan(3e-2)
      })
    })

    it.skipIf(oracle('torch') === undefined || engine !== 'onnxruntime')(
      "has PyTorch's answer in its golden file",
      async () => {
        const request = { network, head, batch, classes, steps, gradientAccumulation: acc, learningRate }
        const question = { ...request, optimizer, scaling, state: fillings }
        const { content } = await askPytorch<Reference>('mixed_precision.py', question, golden)
        const { scales, skipped } = await readGolden<Reference>(golden)
        expect(content).toMatchObject({ scales, skipped })
      },
    )
  }),
)

describeOnEngines('an update that is left out', (engine) => {
  const backbone = mobilefacenet(networks.mbf)
  const options: TrainingOptions = {
    ...{ backbone, head, batchSize: batch, classes, seed: 1, provider: 'cpu', threads: 2, float16: true },
    optimizer: { name: 'adamw', weightDecay: 0.1 },
  }
  const scaleOf = (scale: number): State =>
    new Map([['optimizer.loss_scale', { shape: [], data: Float32Array.of(scale) }]])
  const step = (run: TrainingSession) => {
    const images = Uint8Array.from(hashed(batch * 3 * 32 ** 2, 1000), (value) => value >>> 24)
    return run.step({ images, labels: Int32Array.from([0, 1, 2, 3, 4, 5, 6, 7]), learningRate })
  }
  const copyOf = async (run: TrainingSession) =>
    new Map([...(await run.state())].map(([name, { data }]) => [name, [...data]]))
  const stateOf = async (run: TrainingSession): Promise<State> =>
    new Map([...(await run.state())].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]))
  let run: TrainingSession
  let other: TrainingSession
  let initial: State

  beforeAll(async () => {
    run = await createTrainingSession({ ...options, engine })
    other = await createTrainingSession({ ...options, engine, seed: 2 })
    initial = await stateOf(run)
  })
  beforeEach(() => Promise.all([run, other].map((session) => session.load(initial))))
  afterAll(() => Promise.all([run, other].map((session) => session.close())))

  it('moves statistics and the scale alone, and the next step is as if it had not been', async () => {
    const before = await copyOf(run)
    await run.load(scaleOf(2 ** 40))
    expect((await step(run)).scaling).toEqual({ scale: 2 ** 40, skipped: true, skippedUpdates: 1 })
    const after = await copyOf(run)
    const moved = [...before.keys()].filter((name) => `${before.get(name)}` !== `${after.get(name)}`)
    const statistics = /\.(running_mean|running_var|num_batches_tracked)$/
    expect(moved.filter((name) => !statistics.test(name)).sort()).toEqual([
      'optimizer.loss_scale',
      'optimizer.skipped_updates',
    ])
    expect(moved.some((name) => statistics.test(name))).toBe(true)

    for (const each of [run, other]) await each.load(scaleOf(1024))
    expect((await step(run)).loss).toBe((await step(other)).loss)
    const [ours, theirs] = [await copyOf(run), await copyOf(other)]
    const differing = [...ours.keys()].filter((name) => `${ours.get(name)}` !== `${theirs.get(name)}`)
    expect(differing.filter((name) => !statistics.test(name))).toEqual(['optimizer.skipped_updates'])
    expect(ours.get('optimizer.step')).toEqual([1])
  })

  it('and its scale go on bit by bit from a state', async () => {
    await run.load(scaleOf(2 ** 40))
    for (let i = 0; i < 2; i++) await step(run)
    await run.load(scaleOf(1024))
    await step(run)
    await other.load(await stateOf(run))
    expect(await step(other)).toEqual(await step(run))
    expect(await copyOf(other)).toEqual(await copyOf(run))
    expect((await copyOf(run)).get('optimizer.skipped_updates')).toEqual([2])
  })
})
