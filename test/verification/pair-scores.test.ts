import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import { type PairScores, readPairScores, writePairScores } from '../../src/verification/index.js'
import { temporaryFolder } from '../temporary-folder.js'

const scores: PairScores = {
  bin: 'lfw',
  same: Uint8Array.from({ length: 40 }, (_, i) => i % 2),
  folds: Int32Array.from({ length: 40 }, (_, i) => Math.floor(i / 20)),
  distances: Float64Array.from({ length: 40 }, (_, i) => i / 11),
}

describe('scores of pairs', () => {
  it('come back as they were written, to the last bit', async () => {
    const path = join(temporaryFolder(), 'lfw.arrow')
    await writePairScores(path, scores, 12)
    expect(await readPairScores(path)).toEqual({ scores, step: 12 })
  })

  it('come back from more rows than a batch has', async () => {
    const path = join(temporaryFolder(), 'large.arrow')
    const length = 70_000
    const same = Uint8Array.from({ length }, (_, i) => i % 2)
    const distances = Float64Array.from({ length }, (_, i) => i / length)
    await writePairScores(path, { bin: 'large', same, distances, folds: new Int32Array(length) }, 1)
    const { scores: read } = await readPairScores(path)
    expect(Buffer.from(read.distances.buffer).equals(Buffer.from(distances.buffer))).toBe(true)
    expect(Buffer.from(read.same.buffer).equals(Buffer.from(same.buffer))).toBe(true)
  })

  it('are refused where a value is none of a bin, or the file is damaged', async () => {
    const path = join(temporaryFolder(), 'lfw.arrow')
    await writePairScores(path, { ...scores, distances: scores.distances.map(() => 5) }, 12)
    await expect(readPairScores(path)).rejects.toThrow(/row 0 is no pair of a bin.*found 0, 0, 5/)
    await writePairScores(path, { ...scores, same: scores.same.map(() => 1) }, 12)
    await expect(readPairScores(path)).rejects.toThrow(/all 40 pairs of the bin are same/)
    await writePairScores(path, scores, 12)
    const whole = readFileSync(path)
    for (const length of [0, 8, 300, whole.length - 20]) {
      writeFileSync(path, whole.subarray(0, length))
      await expect(readPairScores(path)).rejects.toThrow(InputError)
    }
  })
})
