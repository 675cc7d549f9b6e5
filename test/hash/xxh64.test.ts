import { describe, expect, it } from 'vitest'
import { createXxh64, hashToHex, xxh64 } from '../../src/hash/xxh64.js'

describe('xxh64', () => {
  it('gives the published values', () => {
    // From the xxHash specification's reference implementation, seed 0.
    expect(hashToHex(xxh64(new Uint8Array()))).toBe('ef46db3751d8e999')
    expect(hashToHex(xxh64(Buffer.from('a')))).toBe('d24ec4f1a98c6e5b')
  })

  it('is the same in pieces', () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 7)
    const hash = createXxh64()
    hash.update(bytes.subarray(0, 1))
    hash.update(bytes.subarray(1, 500))
    hash.update(bytes.subarray(500))
    expect(hash.digest()).toBe(xxh64(bytes))
  })
})
