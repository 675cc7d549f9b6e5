import { describe, expect, it } from 'vitest'
import { machineName } from '../../../../src/engines/tensorflow/install/machine-name.js'

const linux = { platform: 'linux', architecture: 'x64', glibc: '2.36' } as const

describe('machineName', () => {
  it('is spelt as in names of wheels', () => {
    expect(machineName(linux)).toBe('x86_64')
    expect(machineName({ ...linux, architecture: 'arm64' })).toBe('aarch64')
  })

  it('refuses machines for which there is nothing to build', () => {
    expect(() => machineName({ platform: 'darwin', architecture: 'arm64', glibc: undefined })).toThrow(
      'works on Linux with glibc, on x64 and arm64, not on darwin arm64',
    )
    expect(() => machineName({ ...linux, glibc: undefined })).toThrow('not on Linux without glibc x64')
    expect(() => machineName({ ...linux, architecture: 'riscv64' })).toThrow('not on linux riscv64')
  })
})
