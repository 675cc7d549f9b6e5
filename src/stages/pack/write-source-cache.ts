import { type SourceCacheOrigin, SourceCacheWriter } from '../../dataset/index.js'
import type { Parts } from './parts.js'
import type { PackShard } from './shard.js'

/**
 * Writes the cache of sources beside the dataset: the images that are in it, in the order of their files.
 * @param offsets of the records in `train.rec`, by position; -1 for an image that is left out
 * @throws OutputError
 */
export async function writeSourceCache(
  directory: string,
  origin: SourceCacheOrigin,
  shards: PackShard[],
  parts: Parts,
  offsets: Float64Array,
): Promise<void> {
  const cache = await SourceCacheWriter.create(directory, origin)
  try {
    const files = filesOf(shards)
    let position = 0
    for await (const batch of parts.sources()) {
      for (const entry of batch) {
        const { source, path } = files.next().value!
        const offset = offsets[position++]!
        if (entry === undefined || offset < 0) continue
        cache.append({ ...entry, source, path, image: { ...entry.image, offset } })
      }
      await cache.ready()
    }
    await cache.finish()
  } catch (error) {
    await cache.discard()
    throw error
  }
}

function* filesOf(shards: PackShard[]): Generator<{ source: number; path: string }> {
  for (const { folders } of shards) {
    for (const { source, relativePath, names } of folders) {
      for (const name of names.split('/')) {
        yield { source, path: relativePath === '' ? name : `${relativePath}/${name}` }
      }
    }
  }
}
