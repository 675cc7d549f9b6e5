import { describe, expect, it } from 'vitest'
import { crc32, crc32ByTable } from '../../src/hash/crc32.js'

describe('crc32', () => {
  it('has the check value of ISO 3309, by table and as Node has it', () => {
    const check = Buffer.from('123456789')
    expect(crc32ByTable(check)).toBe(0xcbf43926)
    expect(crc32(check)).toBe(0xcbf43926)
    expect(crc32ByTable(new Uint8Array(0))).toBe(0)
  })

  it('is the same both ways', () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i * 7 + (i >> 5)) & 0xff)
    expect(crc32ByTable(bytes)).toBe(crc32(bytes))
  })
})
