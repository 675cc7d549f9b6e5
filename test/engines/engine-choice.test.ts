import { describe, expect, it } from 'vitest'
import type { Provider } from '../../src/engines/embedder.js'
import { chooseEngine } from '../../src/engines/engine-choice.js'
import type { TensorFlowAnswer } from '../../src/engines/tensorflow/addon/index.js'

const installed = {
  source: 'installed engine',
  path: '/engines/tensorflow-2.20.0-gpu/tfjs_binding.node',
  version: '2.20.0',
  cuda: '12.9.79',
  warnings: [],
} as const
const withGpu: TensorFlowAnswer = { found: { ...installed, gpu: true }, problems: [] }
const withoutGpu: TensorFlowAnswer = { found: { ...installed, gpu: false }, problems: [] }
const none: TensorFlowAnswer = { found: undefined, problems: [] }
const broken: TensorFlowAnswer = { found: undefined, problems: ['installed engine: it does not run here'] }

const seesGpu = 'TensorFlow 2.20.0 for CUDA 12.9.79 sees a GPU'
const seesNone = 'TensorFlow 2.20.0 for CUDA 12.9.79 sees no GPU'
const notInstalled = 'no TensorFlow for CUDA is installed'

describe('the engine that auto chooses', () => {
  it.each<[Provider, string, TensorFlowAnswer, string, string]>([
    ['auto', 'a GPU', withGpu, 'tensorflow', seesGpu],
    ['cuda', 'a GPU', withGpu, 'tensorflow', seesGpu],
    ['auto', 'no GPU', withoutGpu, 'onnxruntime', seesNone],
    ['cuda', 'no GPU', withoutGpu, 'onnxruntime', seesNone],
    ['auto', 'nothing', none, 'onnxruntime', notInstalled],
    ['auto', 'a crash', broken, 'onnxruntime', `${notInstalled}; installed engine: it does not run here`],
    ['cpu', 'a GPU', withGpu, 'onnxruntime', 'the provider is cpu'],
    ['webgpu', 'a GPU', withGpu, 'onnxruntime', 'the provider is webgpu'],
  ])('for the provider %s, where TensorFlow finds %s', async (provider, _, answer, engine, reason) => {
    expect(await chooseEngine('auto', provider, async () => answer)).toEqual({ engine, reason })
  })

  it('is not looked for where one is named', async () => {
    const find = () => Promise.reject(new Error('looked'))
    expect(await chooseEngine('tensorflow', 'cpu', find)).toMatchObject({ engine: 'tensorflow' })
    expect(await chooseEngine('onnxruntime', 'auto', find)).toMatchObject({ engine: 'onnxruntime' })
  })
})
