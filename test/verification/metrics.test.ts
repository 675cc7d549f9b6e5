import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kFoldAccuracy, thresholdAt } from '../../src/verification/accuracy.js'
import { pairDistances } from '../../src/verification/evaluate-bin.js'
import {
  chooseFolds,
  contiguousFolds,
  requireBothClasses,
  stratifiedFolds,
} from '../../src/verification/folds.js'
import { embedImages } from '../../src/verification/image-embeddings.js'
import { readBin } from '../../src/verification/index.js'
import { areaUnderCurve, rocCurve, tarAtFar } from '../../src/verification/roc.js'
import { oracle, runOracle } from '../oracles/python.js'
import { temporaryFolder } from '../temporary-folder.js'
import { fakeEmbedder, grayJpeg, writeBin } from './bins.js'

interface GoldenCase {
  embeddings?: number[][]
  mirrored?: number[][]
  distances: number[]
  same: number[]
  folds: number[]
  kFold: Record<string, number | number[]>
  roc: Record<string, number[]>
  areaUnderCurve: number
  tarAtFar: { far: number; tar: number; threshold: number }[]
}

const golden = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../fixtures/golden/verification/metrics.json'), 'utf8'),
) as Record<string, GoldenCase>

/** Compares numbers in nested objects and arrays to an absolute 1e-9. */
function expectClose(actual: unknown, expected: unknown, path = ''): void {
  if (typeof expected === 'number') {
    expect(Math.abs((actual as number) - expected), `${path}: ${actual} and ${expected}`).toBeLessThan(1e-9)
    return
  }
  const found = ArrayBuffer.isView(actual) ? [...(actual as Float64Array)] : actual
  expect(Object.keys(found as object), path).toEqual(Object.keys(expected as object))
  for (const [key, value] of Object.entries(expected as object)) {
    expectClose((found as Record<string, unknown>)[key], value, `${path}.${key}`)
  }
}

describe.each(Object.entries(golden))('golden case %s', (_, expected) => {
  const distances = Float64Array.from(expected.distances)
  const same = Uint8Array.from(expected.same)
  const folds = Int32Array.from(expected.folds)

  it('k-fold accuracy equals calculate_roc to 1e-9', () => {
    expectClose(kFoldAccuracy(distances, { same, folds }), expected.kFold)
  })

  it('ROC and area equal scikit-learn', () => {
    const roc = rocCurve(distances, same)
    expectClose(roc, expected.roc)
    expectClose(areaUnderCurve(roc), expected.areaUnderCurve)
  })

  it('TAR at FAR', () => {
    expectClose(tarAtFar(distances, same), expected.tarAtFar)
  })
})

it('distances are of flip-added, normalised embeddings, and folds as KFold makes them', async () => {
  const { embeddings, mirrored, distances, folds, same } = golden['unit_pairs']!
  const path = join(temporaryFolder(), 'x.bin')
  const bin = await readBin(
    await writeBin(
      path,
      embeddings!.map((_, i) => grayJpeg(40 + i)),
      same.map(Boolean),
    ),
  )
  const seen = [0, 0]
  const embedder = fakeEmbedder(6, (planes) => {
    const flipped = planes[0]! < planes[15]! ? 1 : 0
    return [embeddings!, mirrored!][flipped]![seen[flipped]!++]!
  })
  expectClose(pairDistances(await embedImages(bin, embedder, {})), distances)
  expect(seen).toEqual([94, 94])
  expect([...contiguousFolds(same.length, 10)]).toEqual(folds)
})

it.skipIf(oracle('torch') === undefined)(
  'Python gives the golden numbers again (needs the torch oracle)',
  async () => {
    expectClose(JSON.parse(await runOracle('torch', 'verification.py')), golden)
  },
)

describe('kFoldAccuracy', () => {
  it('agrees with counting pairs threshold by threshold', () => {
    const pair = fc.tuple(
      fc.oneof(fc.double({ min: 0, max: 4, noNaN: true }), fc.nat(400).map(thresholdAt)),
      fc.nat(1),
      fc.nat(2),
    )
    fc.assert(
      fc.property(fc.array(pair, { minLength: 3, maxLength: 40 }), (rows) => {
        const distances = Float64Array.from([0, 1, 2, ...rows.map(([distance]) => distance)])
        const same = Uint8Array.from([1, 1, 0, ...rows.map(([, label]) => label)])
        const folds = Int32Array.from([0, 1, 2, ...rows.map(([, , fold]) => fold)])
        const right = (threshold: number, member: (fold: number) => boolean) =>
          distances.reduce(
            (sum, distance, i) =>
              sum + (member(folds[i]!) && distance < threshold === (same[i] === 1) ? 1 : 0),
            0,
          )
        const { foldAccuracies, foldThresholds } = kFoldAccuracy(distances, { same, folds })
        for (const fold of [0, 1, 2]) {
          const scores = Array.from({ length: 400 }, (_, i) => right(i * 0.01, (other) => other !== fold))
          const best = scores.indexOf(Math.max(...scores)) * 0.01
          expect(foldThresholds[fold]).toBe(best)
          expect(foldAccuracies[fold]).toBe(
            right(best, (other) => other === fold) / folds.filter((other) => other === fold).length,
          )
        }
      }),
    )
  })
})

describe('tarAtFar', () => {
  it('takes the largest threshold, and only targets that ten false accepts can tell', () => {
    const distances = Float64Array.from([
      ...Array.from({ length: 100 }, (_, i) => 1 + i / 100),
      ...[0.5, 1.095, 1.105, 3],
    ])
    const same = Uint8Array.from({ length: 104 }, (_, i) => (i < 100 ? 0 : 1))
    expect(tarAtFar(distances, same)).toEqual([{ far: 0.1, tar: 0.5, threshold: 1.1 }])
    expect(tarAtFar(distances.subarray(1), same.subarray(1))).toEqual([])
  })
})

describe('folds', () => {
  it('are those of the list, else ten contiguous, else stratified', () => {
    const alternating = Uint8Array.from({ length: 40 }, (_, i) => i % 2)
    const listed = Int32Array.from({ length: 40 }, (_, i) => (i < 20 ? 0 : 1))
    expect(chooseFolds(alternating, listed)).toEqual({ folds: listed, origin: 'list' })
    expect(chooseFolds(alternating, undefined)).toEqual({
      folds: contiguousFolds(40, 10),
      origin: 'contiguous',
    })
    const sorted = Uint8Array.from({ length: 33 }, (_, i) => (i < 30 ? 1 : 0))
    const { folds, origin } = chooseFolds(sorted, contiguousFolds(33, 2))!
    expect(origin).toBe('stratified')
    expect([0, 1, 2].map((fold) => sorted.filter((_, i) => folds[i] === fold).length)).toEqual([11, 11, 11])
    expect([...folds.subarray(30)]).toEqual([0, 1, 2])
    expect(chooseFolds(Uint8Array.from([1, 1, 1, 0]), undefined)).toBeUndefined()
  })

  it('of one class are refused in words', () => {
    expect(() =>
      requireBothClasses({ same: Uint8Array.of(1, 1), folds: new Int32Array(2) }, 'x.bin'),
    ).toThrow(/x\.bin: all 2 pairs of the bin are same/)
    expect(() =>
      requireBothClasses({ same: Uint8Array.of(1, 0, 0, 0), folds: Int32Array.of(0, 0, 1, 1) }, 'x.bin'),
    ).toThrow(/all 2 pairs of fold 2 are different/)
    expect(stratifiedFolds(Uint8Array.of(1, 1, 0, 0), 2)).toEqual(Int32Array.of(0, 1, 0, 1))
  })
})
