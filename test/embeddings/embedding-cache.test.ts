import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { EmbeddingCache, type EmbeddingModel } from '../../src/embeddings/index.js'
import { InputError } from '../../src/errors/index.js'
import { Random } from '../../src/random/random.js'
import { temporaryFolder } from '../temporary-folder.js'

const SIZE = 3
const folder = temporaryFolder()
/** A cache asks a model for nothing but what it is. */
const modelOf = (key: string) =>
  ({
    ...{ name: `${key}.onnx`, xxh64: '0123456789abcdef', key },
    embedder: { embeddingSize: SIZE, input: { color: 'rgb', mean: 127.5, std: 127.5 } },
  }) as unknown as EmbeddingModel
const vectorOf = (image: number) => Float32Array.from({ length: SIZE }, (_, i) => 10 * image + i)
const hashOf = (image: number) => BigInt.asUintN(64, BigInt(image) * 0x9e37_79b9_7f4a_7c15n)

function expectVectors(cache: EmbeddingCache, images: number[]): void {
  const vectors = cache.read(images.map((image) => cache.find(hashOf(image))))
  expect([...vectors]).toEqual(images.flatMap((image) => [...vectorOf(image)]))
}

it('a cache gives each image its own embedding, from whichever part or from memory, and again when it is opened', async () => {
  const places = { folder: join(folder, 'cache') }
  const cache = await EmbeddingCache.open(places, modelOf('one'))
  let count = 0
  for (const some of [1, 4, 2, 7, 1, 3, 5]) {
    for (const end = count + some; count < end; count++) cache.add(hashOf(count), vectorOf(count))
    if (count < 20) await cache.commit()
  }
  expect(readdirSync(join(places.folder, 'one')).length).toBe(6)
  expect(cache.add(hashOf(4), vectorOf(99))).toBe(cache.find(hashOf(4)))
  const random = new Random(8)
  const inOrder = Array.from({ length: count }, (_, image) => image)
  const asked = [inOrder, [...inOrder].reverse(), [3, 4, 4, 5, 22, 0], random.shuffle([...inOrder])]
  for (const images of asked) expectVectors(cache, images)
  expect([cache.find(hashOf(count)), cache.size]).toEqual([-1, count])
  await cache.close()

  const again = await EmbeddingCache.open(places, modelOf('one'))
  expect(again.size).toBe(count)
  for (const images of asked) expectVectors(again, images)
  await again.close()
})

it('a file of another model is refused beside a cache', async () => {
  const first = await EmbeddingCache.open({ folder: join(folder, 'two') }, modelOf('first'))
  first.add(hashOf(1), vectorOf(1))
  await first.close()
  const [part] = readdirSync(join(folder, 'two', 'first'))
  const places = { folder: join(folder, 'two'), files: [join(folder, 'two', 'first', part!)] }
  const open = EmbeddingCache.open(places, modelOf('second'))
  await expect(open).rejects.toThrow(InputError)
  await expect(open).rejects.toThrow(
    /its embeddings are of another model: expected second\.onnx.*found first\.onnx/,
  )
})
