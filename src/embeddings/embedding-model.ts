import { basename } from 'node:path'
import { type EmbedderOptions, type OpenedEmbedder, openModel } from '../engines/index.js'
import { createXxh64, hashToHex } from '../hash/xxh64.js'
import { InputFile } from '../io/index.js'

/** Bytes of a model that are hashed at a time. */
const BLOCK_BYTES = 4 * 1024 * 1024

/** A face embedder with what tells its embeddings from those of others. */
export interface EmbeddingModel {
  /** Of its file. */
  name: string
  embedder: OpenedEmbedder
  /** xxHash64 of the model file, in hex. */
  xxh64: string
  /** Names all that decides what an image becomes: the file, and how pixels enter it. */
  key: string
}

/** Opens a face embedder and hashes its file. @throws InputError as `openModel` */
export async function openEmbeddingModel(
  path: string,
  options: EmbedderOptions = {},
): Promise<EmbeddingModel> {
  const xxh64 = await hashOf(path)
  const embedder = await openModel(path, options)
  const { color, mean, std } = embedder.input
  return { name: basename(path), embedder, xxh64, key: [xxh64, color, mean, std].join('-') }
}

async function hashOf(path: string): Promise<string> {
  const file = await InputFile.open(path)
  try {
    const hash = createXxh64()
    for (let offset = 0; offset < file.size; offset += BLOCK_BYTES) {
      hash.update(await file.readExactly(offset, Math.min(BLOCK_BYTES, file.size - offset)))
    }
    return hashToHex(hash.digest())
  } finally {
    await file.close()
  }
}
