import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import { hashToHex, xxh64 } from '../../src/hash/xxh64.js'
import { evaluateBin, readBin, writeSidecar } from '../../src/verification/index.js'
import { testData } from '../oracles/data.js'
import { temporaryFolder } from '../temporary-folder.js'
import { fakeEmbedder, grayJpeg, writeBin } from './bins.js'

/** 40 pairs; a person is a gray value. `label` says what the bin claims. */
async function grayBin(label: (pair: number) => boolean): Promise<string> {
  const images = Array.from({ length: 40 }, (_, pair) => [
    grayJpeg(40 + (pair % 5) * 30),
    grayJpeg(40 + ((pair % 2 === 0 ? pair : pair + 1) % 5) * 30),
  ])
  const labels = images.map((_, pair) => label(pair))
  return writeBin(join(temporaryFolder(), 'gray.bin'), images.flat(), labels)
}

/** One-hot in the gray value: distance 0 for one person, 2 for two. */
const oneHot = fakeEmbedder(5, (planes) =>
  Array.from({ length: 5 }, (_, i) => (Math.round((planes[8]! - 40) / 30) === i ? 3 : 0)),
)

describe('evaluateBin', () => {
  it('judges a perfect embedder at 100 %', async () => {
    const bin = await readBin(await grayBin((pair) => pair % 2 === 0))
    const { roc, ...result } = await evaluateBin(bin, oneHot)
    expect(result).toEqual({
      bin: 'gray',
      pairs: 40,
      same: 20,
      different: 20,
      folds: 10,
      accuracy: 1,
      spread: 0,
      threshold: expect.closeTo(0.01, 12),
      foldAccuracies: new Array(10).fill(1),
      foldThresholds: new Array(10).fill(0.01),
      tarAtFar: [],
      areaUnderCurve: 1,
    })
    expect(roc.falsePositiveRates).toEqual([0, 0, 1])
    expect(roc.truePositiveRates).toEqual([0, 1, 1])
  })

  it('embeds each distinct image once, and its mirror image unless told not to', async () => {
    const bin = await readBin(await grayBin((pair) => pair % 2 === 0))
    const edges: boolean[] = []
    const embedder = fakeEmbedder(1, (planes) => {
      edges.push(planes[0]! > planes[15]!)
      return [1]
    })
    let told = 0
    await evaluateBin(bin, embedder, { onImages: (count) => (told += count) })
    expect(told).toBe(80)
    expect(edges).toEqual([true, true, true, true, true, false, false, false, false, false])
    edges.length = 0
    await evaluateBin(bin, embedder, { flip: false })
    expect(edges).toEqual(new Array(5).fill(true))
  })

  it('uses the folds of the sidecar', async () => {
    const path = await grayBin((pair) => pair % 2 === 0)
    const bytes = readFileSync(path)
    const pairs = Array.from({ length: 40 }, (_, pair) => ({
      fold: pair < 10 ? 0 : 1,
      same: pair % 2 === 0,
      images: ['a', 'b'] as [string, string],
    }))
    const bin = { bytes: bytes.length, xxh64: hashToHex(xxh64(bytes)) }
    await writeSidecar(path, { bin, source: {}, pairs })
    expect((await evaluateBin(await readBin(path), oneHot)).folds).toBe(2)

    await writeSidecar(path, { bin: { ...bin, xxh64: '0'.repeat(16) }, source: {}, pairs })
    await expect(readBin(path)).rejects.toThrow(
      /gray\.bin\.json: describes another gray\.bin: expected hash 0000/,
    )
    await writeSidecar(path, { bin, source: {}, pairs: pairs.map((pair) => ({ ...pair, fold: 7 })) })
    await expect(readBin(path)).rejects.toThrow(/some folds have no pair/)
    writeFileSync(`${path}.json`, '{"pairs": 3}')
    await expect(readBin(path)).rejects.toThrow(/is not the description of a bin/)
  })

  it('refuses one class, another size, what is no image, and embeddings that are no numbers', async () => {
    const alternating = (pair: number) => pair % 2 === 0
    await expect(evaluateBin(await readBin(await grayBin(() => true)), oneHot)).rejects.toThrow(
      /all 40 pairs of the bin are same/,
    )
    await expect(evaluateBin(await readBin(await grayBin((pair) => pair < 20)), oneHot)).rejects.toThrow(
      /all 4 pairs of fold 1 are same/,
    )
    const bin = await readBin(await grayBin(alternating))
    await expect(
      evaluateBin(
        bin,
        fakeEmbedder(1, () => [1], 112),
      ),
    ).rejects.toThrow(/image 0 has not the size that the model takes: expected 112 x 112, found 16 x 16/)
    await expect(
      evaluateBin(
        bin,
        fakeEmbedder(1, () => [Number.NaN]),
      ),
    ).rejects.toThrow(/embedding of image 0 is not of finite numbers/)
    bin.images[7] = Buffer.from('GIF')
    await expect(evaluateBin(bin, oneHot)).rejects.toThrow(
      /gray\.bin: image 7 cannot be decoded: not an image/,
    )
  })
})

describe('readBin', () => {
  it.each([
    ['not a pickle', Buffer.from('hello'), /opcode/],
    ['not a pair', Buffer.from('].', 'latin1'), /is not a verification bin.*found a list or tuple of 0/],
    [
      'odd images',
      Buffer.from('(](C\x01ae](\x88et.', 'latin1'),
      /two images for each of 1 labels.*found 1 images/,
    ],
    ['no pairs', Buffer.from('(]]t.', 'latin1'), /at least one pair/],
    [
      'text for an image',
      Buffer.from('(](\x8c\x01aNe](\x88et.', 'latin1'),
      /image 0 is not an encoded image/,
    ],
    [
      'decoded pixels',
      Buffer.from(
        '(](cnumpy.core.numeric\n_frombuffer\n(C\x0c123456789012cnumpy\ndtype\nU\x02u1\x85R(K\x02K\x02K\x03tU\x01CtRC\x01ae](\x88et.',
        'latin1',
      ),
      /image 0 is not an encoded image.*shape \(2, 2, 3\).*colour order/,
    ],
    ['a label of 2', Buffer.from('(](C\x01aC\x01be](K\x02et.', 'latin1'), /label 0 is not one/],
    [
      'labels that are no list',
      Buffer.from('(]Nt.', 'latin1'),
      /labels of the bin are not a list.*found None/,
    ],
  ])('%s', async (_, bytes, message) => {
    const path = join(temporaryFolder(), 'x.bin')
    writeFileSync(path, bytes)
    const error = await readBin(path).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(InputError)
    expect((error as Error).message).toMatch(message)
  })

  const data = testData()
  it.skipIf(data === undefined)('bins found in the wild (needs ../shared/data)', async () => {
    const plain = await readBin(join(data!, 'golden/wild_protocol4.bin'))
    expect([plain.images.length, plain.same.length]).toEqual([1498, 749])
    await expect(evaluateBin(plain, oneHot)).rejects.toThrow(/all 749 pairs of the bin are same/)
    const arrays = await readBin(join(data!, 'golden/wild_numpy_protocol3.bin'))
    expect([arrays.images.length, arrays.images[0]!.length, arrays.images[0]![0]]).toEqual([20, 4996, 0xff])
  })
})
