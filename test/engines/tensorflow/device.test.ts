import { afterEach, describe, expect, it, vi } from 'vitest'
import type { TensorFlow } from '../../../src/engines/tensorflow/addon/open-tensorflow.js'
import { layoutFor, restrictDevices } from '../../../src/engines/tensorflow/device.js'
import { FacedataError, UsageError } from '../../../src/errors/index.js'

const cpu = { version: '2.20.0', cuda: undefined, gpu: false } as TensorFlow
const blind = { version: '2.20.0', cuda: '12.5', gpu: false } as TensorFlow
const seeing = { ...blind, gpu: true } as TensorFlow

describe('the device of TensorFlow', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('decides the layout of images', () => {
    expect(layoutFor(cpu, 'auto')).toBe('NHWC')
    expect(layoutFor(blind, 'cpu')).toBe('NHWC')
    expect(layoutFor(seeing, 'auto')).toBe('NCHW')
    expect(layoutFor(seeing, 'cuda')).toBe('NCHW')
  })

  it('must be a GPU where cuda is asked for, and the message says what is missing', () => {
    expect(() => layoutFor(cpu, 'cuda')).toThrow(FacedataError)
    expect(() => layoutFor(cpu, 'cuda')).toThrow(/a build without CUDA, sees no GPU/)
    expect(() => layoutFor(blind, 'cuda')).toThrow(/built for CUDA 12.5, sees no GPU.*--gpu/)
  })

  it('is told to the process before TensorFlow is opened', () => {
    for (const name of ['CUDA_VISIBLE_DEVICES', 'TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS']) {
      vi.stubEnv(name, '')
    }
    restrictDevices('auto', 3)
    expect(process.env['TF_NUM_INTRAOP_THREADS']).toBe('3')
    expect(process.env['TF_NUM_INTEROP_THREADS']).toBe('2')
    expect(process.env['CUDA_VISIBLE_DEVICES']).toBe('')
    expect(process.env['TF_FORCE_GPU_ALLOW_GROWTH']).toBe('true')
    restrictDevices('cpu', 1)
    expect(process.env['TF_NUM_INTEROP_THREADS']).toBe('1')
    restrictDevices('cpu', undefined)
    expect(process.env['CUDA_VISIBLE_DEVICES']).toBe('-1')
    expect(() => restrictDevices('webgpu', 1)).toThrow(UsageError)
  })
})
