import { randomBytes } from 'node:crypto'
import { makeZip } from '../../../archives/make-zip.js'
import type { FakeWheel } from './fake-index.js'

const LINUX = process.arch === 'arm64' ? 'manylinux_2_17_aarch64' : 'manylinux_2_17_x86_64'

export function fakeWheel(name: string, version: string, files: Record<string, string | Buffer>): FakeWheel {
  return {
    fileName: `${name}-${version}-py3-none-${LINUX}.whl`,
    content: makeZip(
      Object.entries(files).map(([path, content]) => ({
        name: path,
        content: Buffer.from(content),
        deflate: true,
      })),
    ),
  }
}

/** What is unpacked of it, and a little that is not. */
export function tensorFlowWheel(name = 'tensorflow_cpu', metadata = 'Name: tensorflow\n'): FakeWheel {
  return fakeWheel(name, '2.20.0', {
    'tensorflow/libtensorflow_cc.so.2': randomBytes(200_000),
    'tensorflow/libtensorflow_framework.so.2': 'framework',
    'tensorflow/include/tensorflow/c/c_api.h': '// the C interface',
    'tensorflow/python/ops.py': 'print()',
    [`${name}-2.20.0.dist-info/METADATA`]: metadata,
  })
}

/** Of the wheel with CUDA: its needs, in the form of TensorFlow's. */
export const CUDA_METADATA = [
  'Name: tensorflow',
  'Requires-Dist: numpy>=1.26.0',
  'Requires-Dist: nvidia-cuda-nvcc-cu12<13.0,>=12.5.82; extra == "and-cuda"',
  'Requires-Dist: nvidia-cuda-runtime-cu12<13.0,>=12.5.82; extra == "and-cuda"',
  'Requires-Dist: nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"',
].join('\n')
