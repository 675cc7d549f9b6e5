import { describe, expect, it } from 'vitest'
import { findBlockSize } from '../../../src/engines/onnxruntime/blocked/block-size.js'
import { computesAsPortable } from '../../../src/engines/onnxruntime/blocked/self-check.js'
import { chooseLowering } from '../../../src/engines/onnxruntime/lowering-choice.js'
import { FacedataError, UsageError } from '../../../src/errors/index.js'
import { block } from './lowerings.js'

describe('the choice of a lowering', () => {
  it('follows the environment before the probe', async () => {
    expect(await chooseLowering('cpu', 'portable')).toEqual({ name: 'portable', block: undefined })
    const probed = block === undefined ? 'portable' : 'blocked'
    expect(await chooseLowering('cpu')).toEqual({ name: probed, block })
  })

  it.skipIf(block === undefined)('finds blocks of 8 or 16 channels', async () => {
    expect([8, 16]).toContain(block)
    expect(await findBlockSize()).toBe(block)
    expect(await chooseLowering('cpu', 'blocked')).toEqual({ name: 'blocked', block })
  })

  it.skipIf(block === undefined)(
    'believes only blocks in which a network computes as it should',
    async () => {
      expect(await computesAsPortable(block!)).toBe(true)
      expect(await computesAsPortable(block === 8 ? 16 : 8)).toBe(false)
    },
  )

  it('uses the blocks of 8 channels of a processor that has them', async () => {
    if ((await findBlockSize()) === 8) expect(block).toBe(8)
  })

  it('leaves other providers the operators that they have', async () => {
    expect((await chooseLowering('webgpu')).name).toBe('portable')
    await expect(chooseLowering('webgpu', 'blocked')).rejects.toThrow(FacedataError)
    await expect(chooseLowering('webgpu', 'blocked')).rejects.toThrow(/provider cpu alone/)
  })

  it('refuses a name that it does not know', async () => {
    await expect(chooseLowering('cpu', 'fast')).rejects.toThrow(UsageError)
  })
})
