import { beforeAll, describe, expect, it } from 'vitest'
import { createTrainingSession, type TrainingSession } from '../../src/engines/index.js'
import { stateLayout } from '../../src/engines/state-layout.js'
import type { State, TrainingBatch, TrainingOptions } from '../../src/engines/training-session.js'
import { mobilefacenet } from '../../src/network/index.js'
import { oracle } from '../oracles/python.js'
import { describeOnEngines } from './engines.js'
import { askPytorch, readGolden } from './golden.js'
import { distance, fillingOf, hashed, hashedValues, norm } from './reference.js'

interface TensorSummary {
  /** Of the float64 tensor. */
  norm: number
  /** Distance of PyTorch's float32 from it. */
  float32: number
  samples: number[]
}

interface Reference {
  losses: number[]
  losses32: number[]
  tensors: Record<string, TensorSummary>
}

const network = {
  blocks: [1, 0, 0, 0] as [number, number, number, number],
  ...{ scale: 1, embeddingSize: 16, imageSize: 16 },
}
// Images on which no activation is so near 0 that rounding decides its slope.
const [batch, classes] = [6, 12]
const base: Omit<TrainingOptions, 'optimizer'> = {
  backbone: mobilefacenet(network),
  head: {
    ...{ margin: { name: 'arcface', m: 0.5 }, scale: 64 },
    ...{ marginGradient: 'straight-through', interclassFilteringThreshold: 0 },
  },
  ...{ batchSize: batch, classes, seed: 1, provider: 'cpu', threads: 1 },
}

interface Case extends Pick<TrainingOptions, 'optimizer'> {
  gradientAccumulation: number
  learningRate: number
  steps: number
}

const cases: Record<string, Case> = {
  adamw: {
    optimizer: { name: 'adamw', weightDecay: 0.05 },
    ...{ gradientAccumulation: 1, learningRate: 0.001, steps: 4 },
  },
  // Two updates, and the gradients of one more step that wait.
  sgd_accumulating: {
    optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
    ...{ gradientAccumulation: 2, learningRate: 0.01, steps: 5 },
  },
}

function batchOf(step: number): TrainingBatch {
  const images = Uint8Array.from(
    hashed(batch * 3 * network.imageSize ** 2, 1000 + step),
    (value) => value >>> 24,
  )
  const labels = Int32Array.from(hashed(batch, 2000 + step), (value) => value % classes)
  return { images, labels, learningRate: 0 }
}

async function createSession(options: TrainingOptions): Promise<TrainingSession> {
  const session = await createTrainingSession(options)
  const layout = stateLayout(options)
  const parameters = layout.filter(({ kind }) => kind === 'parameter')
  await session.load(
    new Map(
      parameters.map((entry, salt) => [
        entry.name,
        { shape: entry.parameter.shape, data: hashedValues(fillingOf(entry), salt) },
      ]),
    ),
  )
  return session
}

describeOnEngines('steps', (engine) =>
  describe.each(Object.entries(cases))('of %s', (name, { steps, learningRate, ...options }) => {
    const golden = `optimizer_steps_${name}.json`

    let losses: number[]
    let state: State

    beforeAll(async () => {
      const session = await createSession({ ...base, engine, ...options })
      losses = []
      for (let step = 0; step < steps; step++) {
        losses.push((await session.step({ ...batchOf(step), learningRate })).loss)
      }
      state = await session.state()
      await session.close()
    })

    it("have the golden file's losses, and its norms and samples of the state", async () => {
      const reference = await readGolden<Reference>(golden)
      expectLosses(losses, reference)
      const counts = [...state.keys()].filter((name) => /^optimizer\.(step|accumulated_steps)$/.test(name))
      const inState = Object.keys(reference.tensors).filter((name) => !name.startsWith('gradient.'))
      expect([...state.keys()].sort()).toEqual([...inState, ...counts].sort())
      for (const name of inState) {
        const values = state.get(name)!.data
        const expected = reference.tensors[name]!
        const samples = [0, 1, 2, 3, 4].map((k) => values[Math.floor((k * (values.length - 1)) / 4)]!)
        expect(Math.abs(norm(values) - expected.norm), name).toBeLessThanOrEqual(tolerance(expected))
        expect(distance(samples, expected.samples), name).toBeLessThanOrEqual(tolerance(expected))
      }
    })

    it.skipIf(oracle('torch') === undefined || engine !== 'onnxruntime')(
      'equal those of PyTorch tensor by tensor (needs the torch oracle)',
      async () => {
        const fillings = stateLayout({ ...base, ...options })
          .filter(({ kind }) => kind === 'parameter')
          .map(fillingOf)
        const request = {
          network,
          head: base.head,
          batch,
          classes,
          steps,
          learningRate,
          ...options,
          state: fillings,
        }
        const { content, tensors } = await askPytorch<Reference>('training_steps.py', request, golden)
        const committed = await readGolden<Reference>(golden)
        expectLosses(losses, content)
        let start = 0
        for (const [name, summary] of Object.entries(content.tensors)) {
          const isState = !name.startsWith('gradient.')
          const values = state.get(isState ? name : name.slice('gradient.'.length))!.data
          const whole = tensors.subarray(start, start + values.length)
          if (isState) expect(distance(values, whole), name).toBeLessThanOrEqual(tolerance(summary))
          expect(Math.abs(committed.tensors[name]!.norm - summary.norm), name).toBeLessThan(
            1e-8 * (1 + summary.norm),
          )
          start += values.length
        }
        expect(start).toBe(tensors.length)
      },
    )
  }),
)

function expectLosses(losses: readonly number[], reference: Reference): void {
  const off = distance(reference.losses32, reference.losses)
  expect(distance(losses, reference.losses)).toBeLessThan(3 * off + 1e-5 * norm(reference.losses))
}

/** Three times what PyTorch's own float32 is off. */
function tolerance({ norm, float32 }: TensorSummary): number {
  return 3 * float32 + 1e-5 * norm
}
