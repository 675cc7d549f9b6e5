import { expect, it } from 'vitest'
import { createTrainingSession, type Engine, type State } from '../../src/engines/index.js'
import { stateLayout } from '../../src/engines/state-layout.js'
import { type MarginHead, mobilefacenet, sampleCentres } from '../../src/network/index.js'
import { oracle } from '../oracles/python.js'
import { describeOnEngines } from './engines.js'
import { askPytorch, readGolden } from './golden.js'
import { distance, fillingOf, hashed, hashedValues, norm } from './reference.js'

/** Each tensor in float64, and how far PyTorch's float32 is from it. */
type Reference = Record<string, { values: number[]; float32: number }>

const GOLDEN = 'partial_fc_steps.json'
const classes = 30
const batch = 4
const sampledCentres = 8
const network = { blocks: [1, 0, 0, 0] as [number, number, number, number], scale: 1 }
const size = { embeddingSize: 16, imageSize: 32 }
const backbone = mobilefacenet({ ...network, ...size })
const optimizer = { name: 'sgd', momentum: 0.9, weightDecay: 5e-3 } as const
// In more or larger steps values come to a kink, where rounding decides their side; a filter of logits would be one too.
const learningRate = 0.02
const steps = [0, 1, 2]

const arcface: MarginHead = {
  ...{ margin: { name: 'arcface', m: 0.5 }, scale: 64 },
  ...{ marginGradient: 'straight-through', interclassFilteringThreshold: 0 },
}
const heads: Record<string, MarginHead> = {
  ArcFace: arcface,
  AdaFace: { ...arcface, margin: { name: 'adaface', m: 0.4, h: 0.333, t_alpha: 0.5 } },
}

const labels = steps.map((step) => [...hashed(batch, 2000 + step)].map((value) => value % classes))
const centres = steps.map((step) =>
  sampleCentres({ seed: 1, step, classes, count: sampledCentres, labels: labels[step]! }),
)

function fillingsOf(head: MarginHead) {
  const layout = stateLayout({ backbone, head, classes, optimizer })
  return layout.filter(({ kind }) => kind === 'parameter').map(fillingOf)
}

/** The tensors that the reference has, after the steps. */
async function train(engine: Engine, head: MarginHead): Promise<Record<string, ArrayLike<number>>> {
  const start: State = new Map(
    fillingsOf(head).map((filling, salt) => [
      filling.name,
      { shape: filling.shape, data: hashedValues(filling, salt) },
    ]),
  )
  const session = await createTrainingSession({
    engine,
    ...{ backbone, head, optimizer, batchSize: batch, classes, sampledCentres },
    ...{ seed: 1, provider: 'cpu', threads: 1 },
  })
  await session.load(start)
  const losses: number[] = []
  for (const step of steps) {
    const pixels = hashed(batch * 3 * size.imageSize ** 2, 1000 + step)
    const images = Uint8Array.from(pixels, (value) => value >>> 24)
    const given = { images, labels: Int32Array.from(labels[step]!), learningRate, centres: centres[step]! }
    losses.push((await session.step(given)).loss)
  }
  const state = await session.state()
  await session.close()
  const tensors: Record<string, ArrayLike<number>> = { losses }
  tensors['weight'] = state.get('head.weight')!.data
  tensors['momentum'] = state.get('optimizer.head.weight.momentum_buffer')!.data
  for (const name of ['batch_mean', 'batch_std']) {
    const statistic = state.get(`head.${name}`)
    if (statistic !== undefined) tensors[name] = statistic.data
  }
  return tensors
}

describeOnEngines('steps with sampled class centres', (engine) => {
  it.each(Object.entries(heads))("of %s follow PyTorch's, centre by centre", async (name, head) => {
    const reference = (await readGolden<Reference[]>(GOLDEN))[Object.keys(heads).indexOf(name)]!
    const actual = await train(engine, head)
    expect(Object.keys(actual).sort()).toEqual(Object.keys(reference).sort())
    for (const [tensor, { values, float32 }] of Object.entries(reference)) {
      const limit = 3 * float32 + 1e-5 * norm(values)
      expect(distance(actual[tensor]!, values), tensor).toBeLessThanOrEqual(limit)
    }
  })

  it.skipIf(oracle('torch') === undefined || engine !== 'onnxruntime')(
    'golden file is what PyTorch says (needs the torch oracle)',
    async () => {
      const request = {
        network: { ...network, ...size },
        ...{ batch, labels, centres: centres.map((drawn) => [...drawn]), learningRate },
        ...{ momentum: optimizer.momentum, weightDecay: optimizer.weightDecay },
        cases: Object.values(heads).map((head) => ({ head, state: fillingsOf(head) })),
      }
      const { content } = await askPytorch<Reference[]>('partial_fc_steps.py', request, GOLDEN)
      const golden = await readGolden<Reference[]>(GOLDEN)
      for (const [index, tensors] of content.entries()) {
        for (const [tensor, { values }] of Object.entries(tensors)) {
          const expected = golden[index]![tensor]!.values
          expect(distance(values, expected), tensor).toBeLessThan(1e-8 * (1 + norm(expected)))
        }
      }
    },
  )
})
