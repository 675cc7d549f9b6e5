import { join } from 'node:path'
import { HashedFile, HashedText } from '../../dataset/index.js'
import { EmbeddingCache, EmbeddingsWriter, embedImages } from '../../embeddings/index.js'
import { InputError } from '../../errors/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { writeFileAtomically } from '../../io/index.js'
import { reopenImages } from '../image-input.js'
import { reopenModel } from '../model-input.js'
import type { ShardResult, StageContext } from '../stage.js'
import type { EmbedShard } from './embed.js'

/** Files of the scratch folder. */
export const EMBEDDINGS = 'embeddings.arrow'
export const SKIPPED = 'skipped.jsonl'
export const COUNTS = 'counts.json'

export interface EmbedCounts {
  /** Rows of the file. */
  images: number
  /** Embeddings that were not known from earlier runs; an image that stands there twice is computed once. */
  computed: number
  embeddingSize: number
  /** Images without an embedding. */
  skipped: number
}

/** Writes the embeddings file to the scratch folder. What a killed run has computed is in the cache. */
export async function embedIntoFile(shard: EmbedShard, context: StageContext): Promise<ShardResult> {
  const model = await reopenModel(shard.model, context)
  try {
    const source = await reopenImages(shard.images)
    try {
      const cache = await EmbeddingCache.open(shard.cache, model)
      try {
        context.progress.start('embedding', source.images, 'images')
        return await writeFiles({ source, model, cache, path: shard.images.path }, context)
      } finally {
        await cache.close()
      }
    } finally {
      await source.close()
    }
  } finally {
    await model.embedder.close()
  }
}

async function writeFiles(
  { source, model, cache, path }: Parts,
  { scratch, progress, signal }: StageContext,
): Promise<ShardResult> {
  const file = await HashedFile.create(join(scratch, EMBEDDINGS))
  const list = await HashedText.create(join(scratch, SKIPPED))
  const size = model.embedder.embeddingSize
  const counts: EmbedCounts = { images: 0, computed: 0, embeddingSize: size, skipped: 0 }
  let reason = ''
  try {
    const writer = new EmbeddingsWriter(file, model, source.name)
    for await (const batch of embedImages(source, model, cache, signal)) {
      for (const [i, image] of batch.images.entries()) {
        writer.append(image, batch.values.subarray(i * size, (i + 1) * size))
      }
      for (const { image, reason: why } of batch.skipped) {
        list.append(
          `${JSON.stringify({ source: source.name, key: image.key, path: image.path, reason: why })}\n`,
        )
        reason ||= why
      }
      counts.images += batch.images.length
      counts.computed += batch.computed
      counts.skipped += batch.skipped.length
      await writer.ready()
      await list.ready()
      const skipped = batch.skipped.length
      progress.advance(batch.images.length + skipped, { skipped })
    }
    if (counts.images === 0) throw noneEmbedded(path, source.images, reason)
    await writer.finish()
    const text = Buffer.from(`${JSON.stringify(counts, null, 2)}\n`)
    await writeFileAtomically(join(scratch, COUNTS), text)
    return {
      files: [
        { path: EMBEDDINGS, ...(await file.finish()) },
        { path: SKIPPED, ...(await list.finish()) },
        { path: COUNTS, bytes: text.length, xxh64: hashToHex(xxh64(text)) },
      ],
      done: counts.images,
      skipped: counts.skipped,
    }
  } catch (error) {
    await file.close().catch(() => {})
    await list.close().catch(() => {})
    throw error
  }
}

interface Parts {
  source: Awaited<ReturnType<typeof reopenImages>>
  model: Awaited<ReturnType<typeof reopenModel>>
  cache: EmbeddingCache
  path: string
}

function noneEmbedded(file: string, images: number, reason: string): InputError {
  return new InputError({
    file,
    problem: images === 0 ? 'it holds no images' : `none of its ${images} images can be embedded: ${reason}`,
    fix: 'Align or pack the images at the size of the model (facedata pack --size N).',
  })
}
