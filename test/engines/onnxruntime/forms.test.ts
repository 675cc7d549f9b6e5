import { Tensor } from 'onnxruntime-node'
import { expect, it } from 'vitest'
import type { RuntimeProvider } from '../../../src/engines/index.js'
import { createRuntimeSession } from '../../../src/engines/onnxruntime/runtime.js'
import { type TrainingGraphOptions, trainingGraph } from '../../../src/engines/onnxruntime/training-graph.js'
import { stateLayout } from '../../../src/engines/state-layout.js'
import { iresnet, mobilefacenet } from '../../../src/network/index.js'
import { distance, fillingOf, hashed, hashedValues, norm } from '../reference.js'

const batchSize = 6
const imageSize = 32
const classes = 5

/** Dense, strided, depthwise, grouped and global convolutions; a batch that is a multiple of three. */
const networks = {
  mbf: mobilefacenet({ blocks: [1, 1, 0, 0], scale: 1, embeddingSize: 16, imageSize }),
  iresnet: iresnet({ layers: [1, 1, 1, 1], embeddingSize: 16, imageSize }),
}

async function gradientsOf(
  backbone: TrainingGraphOptions['backbone'],
  provider: RuntimeProvider,
): Promise<Map<string, Float32Array>> {
  const options: TrainingGraphOptions = {
    ...{ backbone, batchSize, classes, provider, gradients: true },
    head: {
      ...{ margin: { name: 'cosface', m: 0.2 }, scale: 16 },
      ...{ marginGradient: 'exact', interclassFilteringThreshold: 0 },
    },
    optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 0 },
  }
  const feeds: Record<string, Tensor> = {
    images: new Tensor(
      'uint8',
      Uint8Array.from(hashed(batchSize * 3 * imageSize ** 2, 1), (value) => value >>> 24),
      [batchSize, 3, imageSize, imageSize],
    ),
    labels: new Tensor(
      'int32',
      Int32Array.from({ length: batchSize }, (_, i) => i % classes),
      [batchSize],
    ),
    learning_rate: new Tensor('float32', Float32Array.of(0), []),
  }
  stateLayout(options).forEach((entry, salt) => {
    const filling = fillingOf(entry)
    feeds[entry.name] = new Tensor('float32', hashedValues(filling, salt), filling.shape)
  })
  const session = await createRuntimeSession(trainingGraph(options), { provider: 'cpu', threads: 1 })
  try {
    const results = await session.run(feeds)
    const gradients = Object.entries(results).filter(([name]) => name.startsWith('gradient.'))
    return new Map(gradients.map(([name, tensor]) => [name, tensor.data as Float32Array]))
  } finally {
    await session.release()
  }
}

it.each(Object.entries(networks))(
  'the forms for devices compute the gradients of %s',
  async (_, backbone) => {
    const expected = await gradientsOf(backbone, 'cpu')
    for (const provider of ['webgpu', 'cuda'] as const) {
      for (const [name, gradient] of await gradientsOf(backbone, provider)) {
        const reference = expected.get(name)!
        expect(distance(gradient, reference), `${name} for ${provider}`).toBeLessThan(
          1e-4 * norm(reference) + 1e-4,
        )
      }
    }
  },
)
