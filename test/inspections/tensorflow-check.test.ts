import { describe, expect, it } from 'vitest'
import type { TensorFlowAnswer } from '../../src/engines/index.js'
import { judgeTensorFlow } from '../../src/inspections/tensorflow-check.js'

const card = [{ name: 'NVIDIA L4', memory: 24 * 2 ** 30, driverVersion: '550.54.15' }]

type Found = NonNullable<TensorFlowAnswer['found']>

function found(fields: Partial<Found>, problems: string[] = []): TensorFlowAnswer {
  return {
    found: { source: 'installed engine', path: '', version: '2.20.0', gpu: false, warnings: [], ...fields },
    problems,
  }
}

const none: TensorFlowAnswer = { found: undefined, problems: [] }
const cuda = '12.9.79'

describe('what doctor says of TensorFlow', () => {
  it.each<[string, TensorFlowAnswer, string]>([
    ['none', none, 'not installed; onnxruntime does without (facedata engine install tensorflow builds it)'],
    ['one for the CPU', found({}), '2.20.0 of the installed engine, for the CPU, computes'],
    [
      'one for the CPU, in place of a package that does not load',
      found({}, ['@tensorflow/tfjs-node-gpu: no such file']),
      '2.20.0 of the installed engine, for the CPU, in place of what does not load ' +
        '(@tensorflow/tfjs-node-gpu: no such file), computes',
    ],
  ])('is fine on a machine without a GPU: %s', (_, answer, text) => {
    expect(judgeTensorFlow(answer, [])).toEqual({ name: 'tensorflow', status: 'ok', found: text })
  })

  it('is fine where it sees the GPU', () => {
    expect(judgeTensorFlow(found({ cuda, gpu: true }), card)).toEqual({
      name: 'tensorflow',
      status: 'ok',
      found: '2.20.0 of the installed engine, for CUDA 12.9.79, computes, sees NVIDIA L4 (driver 550.54.15)',
    })
  })

  it.each<[string, TensorFlowAnswer, typeof card, string, string]>([
    [
      'is not there for a GPU that is',
      none,
      card,
      'not installed, and this machine has NVIDIA L4 (driver 550.54.15)',
      'To train on it: facedata engine install tensorflow --gpu',
    ],
    [
      'is made for the CPU where there is a GPU',
      found({}),
      card,
      'for the CPU, computes, and this machine has NVIDIA L4',
      'To train on it: facedata engine install tensorflow --gpu',
    ],
    [
      'is made for CUDA where no driver answers',
      found({ cuda }),
      [],
      'for CUDA 12.9.79, computes on the CPU: no NVIDIA driver answers',
      "Install NVIDIA's driver; nvidia-smi must list the GPU.",
    ],
    [
      'does not see the GPU, with its own reason',
      found({ cuda, warnings: ['Cannot dlopen some GPU libraries.'] }),
      card,
      'it does not see NVIDIA L4 (driver 550.54.15): Cannot dlopen some GPU libraries.',
      'The driver must be made for CUDA 12.9.79 or later',
    ],
    [
      'is the package whose CUDA is not beside it',
      found({ cuda: '11.2', source: '@tensorflow/tfjs-node-gpu', version: '2.9.1' }),
      card,
      '2.9.1 of the @tensorflow/tfjs-node-gpu, for CUDA 11.2, computes on the CPU',
      "It needs CUDA 11.2 and cuDNN 8 on this machine. With CUDA's libraries beside it: facedata engine install",
    ],
    [
      'does not load',
      { found: undefined, problems: ['installed engine: libstdc++ is too old'] },
      [],
      'installed engine: libstdc++ is too old',
      'Build it again: facedata engine install tensorflow',
    ],
  ])('is a warning with the fix where it %s', (_, answer, devices, text, fix) => {
    const check = judgeTensorFlow(answer, devices)
    expect(check.status).toBe('warn')
    expect(check.found).toContain(text)
    expect(check.fix).toContain(fix)
  })
})
