import { describe, expect, it } from 'vitest'
import { HashIndex } from '../../src/embeddings/index.js'
import { xxh64 } from '../../src/hash/xxh64.js'

describe('HashIndex', () => {
  it('finds what was added, however much that is, and nothing else', () => {
    const index = new HashIndex()
    const hashOf = (i: number) => xxh64(Buffer.from(String(i)))
    for (let i = 0; i < 5000; i++) expect(index.add(hashOf(i), i)).toBe(true)
    expect(index.size).toBe(5000)
    for (let i = 0; i < 5000; i++) expect(index.get(hashOf(i))).toBe(i)
    for (let i = 5000; i < 6000; i++) expect(index.get(hashOf(i))).toBe(-1)
  })

  it('keeps the first number of a hash, and takes the hash 0 and those that end alike', () => {
    const index = new HashIndex()
    const hashes = [0n, 1n << 32n, 2n << 40n]
    for (const [i, hash] of hashes.entries()) index.add(hash, i)
    expect(index.add(0n, 7)).toBe(false)
    expect(hashes.map((hash) => index.get(hash))).toEqual([0, 1, 2])
    expect(index.get(3n << 32n)).toBe(-1)
  })
})
