import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tryCheck } from '../../src/inspections/check.js'
import { describeDiagnosis, doctor } from '../../src/inspections/doctor.js'
import { checkNode, judgeDisk, judgeMemory, vectorExtensions } from '../../src/inspections/machine-checks.js'

const GIB = 2 ** 30

describe('doctor', () => {
  it('finds every library at work, and looks at the disk of a datasets folder that is yet to be made', async () => {
    const datasets = join(tmpdir(), 'facedata-doctor-none', 'datasets')
    const { checks } = await doctor({ datasets })
    const libraries = checks.filter(({ name }) =>
      ['sharp', 'jpeg-turbo', 'onnxruntime', 'Node.js'].includes(name),
    )
    expect(libraries.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok'])
    expect(libraries.at(-1)!.found).toMatch(/^\d+\.\d+\.\d+, computes on cpu; its build lists cpu\b/)
    expect(checks.find(({ name }) => name === 'lowering')!.found).toMatch(
      /^(portable|blocked, (8|16) channels a block): /,
    )
    expect(checks.find(({ name }) => name === 'disk')!.found).toContain(datasets)
    expect(checks.map(({ name }) => name)).toEqual([
      'Node.js',
      'processor',
      'memory',
      'disk',
      'sharp',
      'jpeg-turbo',
      'onnxruntime',
      'lowering',
      'webgpu',
      'cuda',
      'tensorflow',
    ])
  })

  it('is shown a line a check, with the fix below', () => {
    const lines = describeDiagnosis({
      checks: [
        { name: 'a', status: 'ok', found: 'fine' },
        { name: 'long', status: 'fail', found: 'broken', fix: 'Mend it.' },
      ],
      healthy: false,
    })
    expect(lines).toEqual([
      'ok    a     fine',
      'fail  long  broken',
      '            Mend it.',
      '1 ok, 0 warnings, 1 failed',
    ])
  })
})

describe('its checks', () => {
  it('turn what a library throws into a failure with the fix', async () => {
    const check = await tryCheck('sharp', 'Install it.', () =>
      Promise.reject(new Error('no such module\nat x')),
    )
    expect(check).toEqual({ name: 'sharp', status: 'fail', found: 'no such module', fix: 'Install it.' })
  })

  it.each([
    ['18.20.0', 'fail'],
    ['20.8.1', 'fail'],
    ['20.9.0', 'ok'],
    ['24.0.0', 'ok'],
  ])('judge Node.js %s: %s', (version, status) => {
    expect(checkNode(version).status).toBe(status)
  })

  it.each([
    [0.5 * GIB, 'fail'],
    [5 * GIB, 'warn'],
    [50 * GIB, 'ok'],
  ])('judge %d bytes of disk: %s', (free, status) => {
    expect(judgeDisk(free, '/datasets').status).toBe(status)
  })

  it.each([
    [GIB, 'warn', '1.0 GiB free of 8.0 GiB'],
    [3 * GIB, 'ok', '3.0 GiB free of 8.0 GiB'],
  ])('judge %d bytes of memory: %s', (available, status, found) => {
    expect(judgeMemory(available, 8 * GIB)).toMatchObject({ status, found })
  })

  it('read vector instructions from the flags of x86 and ARM', () => {
    expect(vectorExtensions(undefined)).toBeUndefined()
    expect(vectorExtensions(new Set(['sse2']))).toEqual([])
    expect(vectorExtensions(new Set(['avx2', 'avx512f']))).toEqual(['AVX2', 'AVX512'])
    expect(vectorExtensions(new Set(['asimd']))).toEqual(['NEON'])
  })
})
