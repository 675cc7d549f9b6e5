import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  EmbeddingCache,
  embedImages,
  type ImageSource,
  openEmbeddingModel,
} from '../../src/embeddings/index.js'
import { InputError } from '../../src/errors/index.js'
import { xxh64 } from '../../src/hash/xxh64.js'
import { encodeJpeg } from '../../src/image/index.js'
import { temporaryFolder } from '../temporary-folder.js'
import { tinyImage } from '../training/tiny-dataset.js'
import { writePoolingModel } from './pooling-model.js'

const folder = temporaryFolder()
const path = join(folder, 'pooling.onnx')
await writePoolingModel(path, 16)
const model = await openEmbeddingModel(path)
afterAll(() => model.embedder.close())

const tiny = { identities: 1, imagesEach: 1, size: 16 }

/** Batches of different images, numbered. */
function sourceOf(batches: number[][]): ImageSource {
  const image = (key: number) => {
    const bytes = encodeJpeg(tinyImage(tiny, key, 0), 95)
    return { key, label: 0, identity: 'ann', path: `${key}.jpg`, bytes, xxh64: xxh64(bytes) }
  }
  return {
    name: 'made',
    images: batches.flat().length,
    identities: 1,
    names: async () => ['ann'],
    async *batches() {
      for (const keys of batches) yield keys.map(image)
    },
    async close() {},
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('embedImages', () => {
  it('embeds an image once, whatever batch it stands in and however often', async () => {
    const cache = await EmbeddingCache.open({ folder: join(folder, 'once') }, model)
    const found: { keys: number[]; computed: number; values: Float32Array }[] = []
    for await (const batch of embedImages(
      sourceOf([
        [...range(0, 70), 3, 3],
        [69, 70, 0],
      ]),
      model,
      cache,
    )) {
      found.push({ ...batch, keys: batch.images.map(({ key }) => key) })
    }
    expect(found.map(({ computed }) => computed)).toEqual([70, 1])
    expect(found[1]!.keys).toEqual([69, 70, 0])
    const row = (batch: number, i: number) => [...found[batch]!.values.subarray(48 * i, 48 * (i + 1))]
    expect(row(1, 2)).toEqual(row(0, 0))
    expect(row(1, 0)).toEqual(row(0, 69))
    expect(row(0, 71)).toEqual(row(0, 3))
    expect(row(0, 3)).not.toEqual(row(0, 4))
    await cache.close()
  })

  it('gives an image the same bits alone as among others', async () => {
    const together = await EmbeddingCache.open({ folder: join(folder, 'together') }, model)
    const alone = await EmbeddingCache.open({ folder: join(folder, 'alone') }, model)
    const values = async (keys: number[], cache: EmbeddingCache) => {
      for await (const batch of embedImages(sourceOf([keys]), model, cache)) return [...batch.values]
    }
    const all = await values(range(0, 65), together)
    expect(await values([64], alone)).toEqual(all!.slice(48 * 64))
    await together.close()
    await alone.close()
  })

  it('keeps what it has computed where it is stopped', async () => {
    const places = { folder: join(folder, 'stopped') }
    const cache = await EmbeddingCache.open(places, model)
    const stop = new AbortController()
    const run = async () => {
      for await (const _ of embedImages(sourceOf([[0, 1], [2]]), model, cache, stop.signal)) {
        stop.abort(new Error('stopped'))
      }
    }
    await expect(run()).rejects.toThrow('stopped')
    const again = await EmbeddingCache.open(places, model)
    expect(again.size).toBe(2)
    await again.close()
    await cache.close()
  })

  it('refuses embeddings that are not finite', async () => {
    const wrong = {
      ...model,
      embedder: { ...model.embedder, embed: async () => new Float32Array(48 * 64).fill(NaN) },
    }
    const cache = await EmbeddingCache.open({ folder: join(folder, 'wrong') }, wrong)
    await expect(embedImages(sourceOf([[0]]), wrong, cache).next()).rejects.toThrow(InputError)
    await cache.close()
  })
})
