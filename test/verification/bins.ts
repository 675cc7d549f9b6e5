import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Embedder } from '../../src/engines/index.js'
import { encodeJpeg } from '../../src/image/index.js'
import { AtomicFile } from '../../src/io/index.js'
import { ListPairWriter } from '../../src/pickle/index.js'

/** Writes a bin as `bins` does, without its sidecar. */
export async function writeBin(path: string, images: Uint8Array[], same: boolean[]): Promise<string> {
  mkdirSync(join(path, '..'), { recursive: true })
  const file = await AtomicFile.create(path)
  const writer = await ListPairWriter.begin(file)
  for (const image of images) await writer.append(image)
  await writer.finish(same)
  await file.commit()
  return path
}

/** A JPEG of one gray value with a brighter left edge, so that its mirror image differs. */
export function grayJpeg(gray: number, size = 16): Uint8Array {
  const data = new Uint8Array(size * size * 3).fill(gray)
  for (let row = 0; row < size; row++)
    data.fill(Math.min(255, gray + 40), row * size * 3, (row * size + 4) * 3)
  return encodeJpeg({ width: size, height: size, data }, 95)
}

/** An embedder that makes the embedding of an image with a function of its pixels. */
export function fakeEmbedder(
  embeddingSize: number,
  embed: (planes: Uint8Array, call: number, image: number) => ArrayLike<number>,
  size = 16,
): Embedder {
  let call = 0
  return {
    inputSize: { height: size, width: size },
    embeddingSize,
    async embed(images, count) {
      const embeddings = new Float32Array(count * embeddingSize)
      for (let i = 0; i < count; i++) {
        const planes = images.subarray(i * 3 * size * size, (i + 1) * 3 * size * size)
        embeddings.set(embed(planes, call, i), i * embeddingSize)
      }
      call++
      return embeddings
    },
    async close() {},
  }
}
