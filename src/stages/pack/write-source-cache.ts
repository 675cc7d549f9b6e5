import { type SourceCacheOrigin, SourceCacheWriter } from '../../dataset/index.js'
import { IMAGE_HEADER_BYTES } from '../../recordio/index.js'
import type { Parts } from './parts.js'
import type { PackShard } from './shard.js'

/** Rows between two waits for the disk. */
const ROWS_A_TURN = 65_536

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
    const paths = pathsOf(shards)
    for await (const { first, index, states } of parts.sources()) {
      for (let file = 0; file < index.count; file++) {
        const path: string = paths.next().value!
        const state = states.get(file)
        const offset = offsets[first + file]!
        if (state?.xxh64 === undefined || offset < 0) continue
        const { source, kind, imageBytes, width, height, format, xxh64 } = index.get(file)
        const { size, mtime, xxh64: fileHash } = state
        const converted = kind === 'converted'
        const image = {
          converted,
          offset,
          length: IMAGE_HEADER_BYTES + imageBytes,
          width,
          height,
          format,
          xxh64,
        }
        cache.append({ source, path, size, mtime, xxh64: fileHash, image })
        if (file % ROWS_A_TURN === 0) await cache.ready()
      }
    }
    await cache.finish()
  } catch (error) {
    await cache.discard()
    throw error
  }
}

function* pathsOf(shards: PackShard[]): Generator<string, undefined> {
  for (const { folders } of shards) {
    for (const { relativePath, names } of folders) {
      for (const name of names.split('/')) yield relativePath === '' ? name : `${relativePath}/${name}`
    }
  }
}
