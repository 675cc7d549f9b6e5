import { describe, expect, it } from 'vitest'
import { chooseWheel, cudaRequirements } from '../../../../src/engines/tensorflow/install/wheel-choice.js'

const wheel = (fileName: string) => ({ fileName, url: '', sha256: undefined, bytes: undefined })

describe('chooseWheel', () => {
  const listed = [
    'tensorflow_cpu-2.9.1-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    'tensorflow_cpu-2.20.0-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    'tensorflow_cpu-2.20.0-cp313-cp313-win_amd64.whl',
    'tensorflow_cpu-2.20.0-1-cp313-cp313-manylinux_2_17_aarch64.manylinux2014_aarch64.whl',
    'tensorflow_cpu-2.21.0rc1-cp313-cp313-manylinux_2_17_x86_64.whl',
    'tensorflow_cpu-2.22.0-cp313-cp313-macosx_12_0_x86_64.whl',
  ].map(wheel)
  const choose = (versions: string, machine = 'x86_64') =>
    chooseWheel(listed, { packageName: 'tensorflow-cpu', versions }, machine)

  it('takes the newest release for Linux on the processor, no preview', () => {
    expect(choose('')).toMatchObject({ fileName: listed[1]!.fileName, version: '2.20.0' })
    expect(choose('', 'aarch64').fileName).toBe(listed[3]!.fileName)
  })

  it.each([
    ['==2.9.1', '2.9.1'],
    ['<2.20', '2.9.1'],
    ['<=2.20', '2.20.0'],
    ['!=2.20.0', '2.9.1'],
    ['>=2.9,<3.0', '2.20.0'],
    ['> 2.9.1', '2.20.0'],
  ])('meets %s with %s', (versions, version) => {
    expect(choose(versions).version).toBe(version)
  })

  it('lists what there is where nothing will do', () => {
    expect(() => choose('>2.20.0')).toThrow(
      'the index has no wheel of tensorflow-cpu >2.20.0 for Linux on x86_64; it has 2.20.0, 2.9.1',
    )
    expect(() => choose('', 'riscv64')).toThrow('it has none for it at all')
  })
})

describe('cudaRequirements', () => {
  it('are the libraries of the extra and-cuda, in either form of the metadata', () => {
    const metadata = [
      'Requires-Dist: numpy>=1.26.0',
      'Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"',
      "Requires-Dist: nvidia-nccl-cu12 (==2.21.5) ; extra == 'and-cuda'",
      'Requires-Dist: nvidia-cuda-nvcc-cu12<13.0; extra == "and-cuda"',
      'Requires-Dist: nvidia-other; extra == "else"',
    ].join('\n')
    expect(cudaRequirements(metadata)).toEqual([
      { packageName: 'nvidia-cublas-cu12', versions: '<13.0,>=12.5.3.2' },
      { packageName: 'nvidia-nccl-cu12', versions: '==2.21.5' },
    ])
  })
})
