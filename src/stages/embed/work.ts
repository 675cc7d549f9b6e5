import { join } from 'node:path'
import { HashedFile, HashedText } from '../../dataset/index.js'
import {
  EmbeddingCache,
  EmbeddingsWriter,
  embeddingNotes,
  embedImages,
  partOfSource,
} from '../../embeddings/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { writeFileAtomically } from '../../io/index.js'
import { reopenImages } from '../image-input.js'
import { reopenModel } from '../model-input.js'
import type { ShardResult, StageContext } from '../stage.js'
import type { EmbedShard } from './embed.js'

/** Files of a shard, relative to the scratch folder. */
export function partFiles(shard: number): { embeddings: string; skipped: string; counts: string } {
  return {
    embeddings: `part-${shard}.arrow`,
    skipped: `part-${shard}.skipped.jsonl`,
    counts: `part-${shard}.json`,
  }
}

export interface EmbedCounts {
  /** Rows of the file. */
  images: number
  /** Embeddings that were not known from earlier runs; an image that stands there twice is computed once. */
  computed: number
  embeddingSize: number
  /** Images without an embedding, and why the first of them has none. */
  skipped: number
  reason?: string
}

/** Writes the embeddings of a shard to the scratch folder. What a killed run has computed is in the cache. */
export async function embedIntoFile(shard: EmbedShard, context: StageContext): Promise<ShardResult> {
  const model = await reopenModel(shard.model, context)
  try {
    const source = await reopenImages(shard.images)
    try {
      const cache = await EmbeddingCache.open(shard.cache, model)
      try {
        const part = partOfSource(source, shard.range)
        return await writeFiles({ source: part, model, cache, number: shard.number }, context)
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
  { source, model, cache, number }: Parts,
  { scratch, progress, signal }: StageContext,
): Promise<ShardResult> {
  const files = partFiles(number)
  const file = await HashedFile.create(join(scratch, files.embeddings))
  const list = await HashedText.create(join(scratch, files.skipped))
  const size = model.embedder.embeddingSize
  const counts: EmbedCounts = { images: 0, computed: 0, embeddingSize: size, skipped: 0 }
  try {
    const writer = new EmbeddingsWriter(file, size, embeddingNotes(model, source.name))
    for await (const batch of embedImages(source, model, cache, signal)) {
      for (const [i, image] of batch.images.entries()) {
        writer.append(image, batch.values.subarray(i * size, (i + 1) * size))
      }
      for (const { image, reason: why } of batch.skipped) {
        list.append(
          `${JSON.stringify({ source: source.name, key: image.key, path: image.path, reason: why })}\n`,
        )
        counts.reason ??= why
      }
      counts.images += batch.images.length
      counts.computed += batch.computed
      counts.skipped += batch.skipped.length
      await writer.ready()
      await list.ready()
      const skipped = batch.skipped.length
      progress.advance(batch.images.length + skipped, { skipped })
    }
    await writer.finish()
    const text = Buffer.from(`${JSON.stringify(counts, null, 2)}\n`)
    await writeFileAtomically(join(scratch, files.counts), text)
    return {
      files: [
        { path: files.embeddings, ...(await file.finish()) },
        { path: files.skipped, ...(await list.finish()) },
        { path: files.counts, bytes: text.length, xxh64: hashToHex(xxh64(text)) },
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
  source: ReturnType<typeof partOfSource>
  model: Awaited<ReturnType<typeof reopenModel>>
  cache: EmbeddingCache
  number: number
}
