import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hashToHex, xxh64 } from '../../src/hash/xxh64.js'
import { renderFace } from '../../src/synthesis/index.js'

interface GoldenFace {
  seed: number
  identity: number
  image: number
  /** Of the pixels. */
  xxh64: string
}

/** Mean of the absolute differences, in 8-bit levels. */
function difference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length
}

describe('renderFace', () => {
  it('gives 112x112 interleaved RGB', () => {
    const face = renderFace(1, 0, 0)
    expect(face).toMatchObject({ width: 112, height: 112 })
    expect(face.data).toBeInstanceOf(Uint8Array)
    expect(face.data).toHaveLength(112 * 112 * 3)
  })

  it('gives the same pixels as on the machine where the golden hashes were made', () => {
    const path = new URL('../../fixtures/golden/synthetic-faces.json', import.meta.url)
    const golden = JSON.parse(readFileSync(path, 'utf8')) as GoldenFace[]
    const rendered = golden.map(({ seed, identity, image }) => ({
      seed,
      identity,
      image,
      xxh64: hashToHex(xxh64(renderFace(seed, identity, image).data)),
    }))
    expect(rendered).toEqual(golden)
  })

  it('depends on seed, identity and image alone, not on what was rendered before', () => {
    const order = [
      [1, 0, 0],
      [1, 3, 2],
      [9, 3, 2],
    ] as const
    const forth = order.map(([seed, identity, image]) => renderFace(seed, identity, image).data)
    const back = [...order].reverse().map(([seed, identity, image]) => renderFace(seed, identity, image).data)
    expect(back.reverse()).toEqual(forth)
  })

  it('differs between images, identities and seeds', () => {
    const face = renderFace(1, 0, 0).data
    for (const other of [renderFace(1, 0, 1), renderFace(1, 1, 0), renderFace(2, 0, 0)]) {
      expect(difference(face, other.data)).toBeGreaterThan(5)
    }
  })

  it('fills the range of brightness without burning out', () => {
    for (let identity = 0; identity < 3; identity++) {
      const { data } = renderFace(5, identity, 0)
      const mean = data.reduce((sum, value) => sum + value, 0) / data.length
      expect(mean).toBeGreaterThan(40)
      expect(mean).toBeLessThan(225)
      expect(data.filter((value) => value === 255).length / data.length).toBeLessThan(0.4)
    }
  })
})
