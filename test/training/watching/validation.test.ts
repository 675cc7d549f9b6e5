import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Embedder } from '../../../src/engines/index.js'
import { InputError } from '../../../src/errors/index.js'
import { AtomicFile } from '../../../src/io/index.js'
import { ListPairWriter } from '../../../src/pickle/index.js'
import { meanAccuracy, Validation } from '../../../src/training/watching/validation.js'
import { judgePairs } from '../../../src/verification/index.js'
import { writeTinyBin } from '../tiny-dataset.js'

const tiny = { identities: 4, imagesEach: 1, size: 16 }
const size = { height: 16, width: 16 }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-validation-'))
  await writeTinyBin(join(folder, 'good.bin'), tiny, 40)
})
afterAll(() => rm(folder, { recursive: true }))

const target = (name: string) => ({ name, path: join(folder, `${name}.bin`) })

/** The mean colours of the cells of the pattern that makes an identity: they tell the identities apart. */
const colours: Embedder = {
  inputSize: size,
  embeddingSize: 48,
  async embed(images, count) {
    const embeddings = new Float32Array(48 * count)
    for (const [at, value] of images.entries()) {
      const [plane, y, x] = [Math.floor(at / 256), Math.floor((at % 256) / 16), at % 16]
      embeddings[16 * plane + 4 * Math.floor(y / 4) + Math.floor(x / 4)]! += (value - 127.5) / 16
    }
    return embeddings
  },
  async close() {},
}

describe('validation', () => {
  it('measures a network on each target, by its bare name', async () => {
    const validation = await Validation.open([target('good')], size)
    const scores = await validation.measure(colours, new AbortController().signal)
    expect(scores).toEqual([
      { target: 'good', accuracy: 1, spread: 0, threshold: expect.any(Number), scores: expect.anything() },
    ])
    expect(judgePairs(scores[0]!.scores).accuracy).toBe(1)
    expect(meanAccuracy([...scores, { ...scores[0]!, accuracy: 0.5 }])).toBe(0.75)
  })

  it('stops when it is told to', async () => {
    const validation = await Validation.open([target('good')], size)
    await expect(validation.measure(colours, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
  })

  it('finds a bin that cannot be measured before the training, not after an epoch', async () => {
    await writeTinyBin(join(folder, 'large.bin'), { ...tiny, size: 32 }, 20)
    await expect(Validation.open([target('large')], size)).rejects.toThrow('expected 16x16, found 32x32')

    const file = await AtomicFile.create(join(folder, 'one-class.bin'))
    const bin = await ListPairWriter.begin(file)
    for (let image = 0; image < 40; image++) await bin.append(Uint8Array.of(1))
    await bin.finish(Array.from({ length: 20 }, () => true))
    await file.commit()
    await expect(Validation.open([target('one-class')], size)).rejects.toBeInstanceOf(InputError)

    const broken = await AtomicFile.create(join(folder, 'broken.bin'))
    const images = await ListPairWriter.begin(broken)
    for (let image = 0; image < 40; image++) await images.append(Uint8Array.of(1))
    await images.finish(Array.from({ length: 20 }, (_, pair) => pair % 2 === 0))
    await broken.commit()
    await expect(Validation.open([target('broken')], size)).rejects.toThrow(join(folder, 'broken.bin'))
  })
})
