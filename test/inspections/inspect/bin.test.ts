import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../../src/errors/index.js'
import { describeInspection, inspect } from '../../../src/inspections/inspect/inspect.js'
import { temporaryFolder } from '../../temporary-folder.js'
import { grayJpeg, writeBin } from '../../verification/bins.js'

const folder = temporaryFolder()

/** Pairs of gray images, the first half of them same. */
function writePairs(name: string, pairs: number, same = pairs / 2): Promise<string> {
  const images = Array.from({ length: 2 * pairs }, (_, i) => grayJpeg(i % 10))
  const flags = Array.from({ length: pairs }, (_, pair) => pair % 2 === 0 && pair / 2 < same)
  return writeBin(join(folder, name), images, flags)
}

describe('inspecting a bin', () => {
  it('counts its pairs, images and folds', async () => {
    const path = await writePairs('even.bin', 40)
    const found = await inspect(path)
    expect(found).toMatchObject({
      kind: 'bin',
      name: 'even',
      pairs: 40,
      same: 20,
      different: 20,
      images: 80,
      distinctImages: 10,
      sizes: [{ width: 16, height: 16, images: 80 }],
      formats: [{ format: 'jpeg', images: 80 }],
      folds: { by: 'place', pairs: new Array(10).fill(4) },
    })
    expect(found).not.toHaveProperty('problem')
    expect(describeInspection(found)).toEqual([
      'even: 40 pairs (20 same, 20 different)',
      '  images   80, 10 of them distinct',
      '  folds    10 of 4 pairs, one after another: no even.bin.json says otherwise',
      '  sizes    16x16 100%',
      '  formats  jpeg 100%',
      `  file     ${path}`,
    ])
  })

  it('says why no accuracy can be told from it', async () => {
    const few = await inspect(await writePairs('few.bin', 4))
    expect(few).toMatchObject({ problem: 'has too few pairs for ten folds' })
    expect(few).not.toHaveProperty('folds')
    expect(describeInspection(few).join('\n')).toContain('folds    none: the pairs are too few')
    const different = await inspect(await writePairs('different.bin', 20, 0))
    expect(different).toMatchObject({
      same: 0,
      folds: { pairs: new Array(10).fill(2) },
      problem: expect.stringContaining('all 20 pairs of the bin are different'),
    })
  })

  it('refuses a file of another kind', async () => {
    const path = join(folder, 'model.onnx')
    await writeFile(path, 'x')
    await expect(inspect(path)).rejects.toThrow('is neither a dataset, a training run nor a verification bin')
  })

  it('names a file that is missing, or is none', async () => {
    const path = await writePairs('gone.bin', 10)
    await rm(path)
    await expect(inspect(path)).rejects.toThrow(InputError)
    await expect(inspect(path)).rejects.toThrow('gone.bin')
  })
})
