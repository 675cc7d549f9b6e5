import { beforeAll, describe, expect, it } from 'vitest'
import { networkParts, stateLayout } from '../../../src/engines/state-layout.js'
import { SavedModelSession } from '../../../src/engines/tensorflow/saved-model-session.js'
import { trainingModel } from '../../../src/engines/tensorflow/training-model.js'
import { TrainingRun } from '../../../src/engines/tensorflow/training-run.js'
import { iresnet, type MarginHead, mobilefacenet, type OptimizerOptions } from '../../../src/network/index.js'
import { readGolden } from '../golden.js'
import { distance, fillingOf, hashed, hashedValues, norm } from '../reference.js'
import { NEEDS_TENSORFLOW, tensorflow } from './addon.js'

interface TensorSummary {
  norm: number
  float32: number
  samples: number[]
}
interface Reference {
  losses: number[]
  losses32: number[]
  norms: number[]
  norms32: number[]
  tensors: Record<string, TensorSummary>
}
const network = { blocks: [2, 1, 0, 1] as [number, number, number, number], scale: 1, embeddingSize: 32, imageSize: 32 }
const arcface: MarginHead = {
  ...{ margin: { name: 'arcface', m: 0.5 }, scale: 64 },
  ...{ marginGradient: 'straight-through', interclassFilteringThreshold: 0 },
}
const residual = { layers: [1, 2, 1, 1] as [number, number, number, number], embeddingSize: 32, imageSize: 32 }
const cases = {
  arcface_blocks: { network, head: arcface, batch: 8, classes: 20, steps: 5 },
  arcface_iresnet: { network: residual, head: arcface, batch: 8, classes: 20, steps: 4 },
  cosface_groups: {
    network: { ...network, blocks: [1, 0, 1, 0] as typeof network.blocks },
    head: { ...arcface, margin: { name: 'cosface', m: 0.35 } as const },
    batch: 8,
    ...{ classes: 12, steps: 4 },
  },
}
const optimizer: OptimizerOptions = { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 }

describe.skipIf(tensorflow === undefined).each(Object.entries(cases))(`${NEEDS_TENSORFLOW} %s`, (name, c) => {
  const backbone = 'layers' in c.network ? iresnet(c.network) : mobilefacenet(c.network)
  const layout = stateLayout(networkParts(backbone, c.head, c.classes), { optimizer })
  it('follows', async () => {
    const reference = await readGolden<Reference>(`training_steps_${name}.json`)
    const session = await SavedModelSession.create(tensorflow!.binding, trainingModel({ backbone, head: c.head, optimizer, batchSize: c.batch, classes: c.classes, layout: 'NHWC', gradients: true }))
    layout.forEach((entry, salt) => {
      const values = hashedValues(fillingOf(entry), salt)
      session.run('load', { [entry.name]: entry.kind === 'slot' ? values.fill(0) : values }, [entry.name])
    })
    const losses: number[] = []
    const norms: number[] = []
    for (let step = 0; step < c.steps; step++) {
      const images = Uint8Array.from(hashed(c.batch * 3 * 32 ** 2, 1000 + step), (value) => value >>> 24)
      const labels = Int32Array.from(hashed(c.batch, 2000 + step), (value) => value % c.classes)
      if (step === 0) {
        const names = Object.keys(reference.tensors).filter((n) => n.startsWith('gradient.')).map((n) => n.slice(9))
        const g = session.run('gradients', { images, labels }, names)
        let worst = ['', 0] as [string, number]
        for (const n of names) {
          const r = reference.tensors[`gradient.${n}`]!
          const off = Math.abs(norm(g[n]!) - r.norm) / Math.max(2e-3 * r.norm, 3 * r.float32)
          if (off > worst[1]) worst = [n, off]
        }
        console.log('worst gradient', worst)
      }
      const r = session.run('step', { images, labels, learning_rate: Float32Array.of(0.1) }, ['loss', 'gradient_norm'])
      losses.push(r.loss[0]!)
      norms.push(r.gradient_norm[0]!)
    }
    console.log(name, losses, reference.losses, norms, reference.norms)
    let worst = ['', 0] as [string, number]
    for (const { name: n } of layout) {
      const r = reference.tensors[n]
      if (!r) continue
      const off = Math.abs(norm(session.run('state', {}, [n])[n]!) - r.norm) / (3 * r.float32 + 1e-5 * r.norm)
      if (off > worst[1]) worst = [n, off]
    }
    console.log('worst state', worst)
  })
})
