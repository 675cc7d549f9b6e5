import { realpath } from 'node:fs/promises'
import { TOOL } from '../../dataset/description.js'
import type { CachedFolder } from '../../dataset/index.js'
import { codecVersions } from '../../image/codecs.js'
import type { Conversion } from './convert.js'

/** The version that stands under the output's name, where images may be taken over from it. */
export interface Previous {
  /** Its folder, behind all links. */
  directory: string
  /** What its cache says, by absolute path of the folder. */
  folders: Map<string, CachedFolder>
}

/** Undefined where there is none, none with a cache that can be read, or one that was converted in another way. */
export async function findPrevious(
  output: string,
  conversion: Conversion | undefined,
): Promise<Previous | undefined> {
  try {
    const directory = await realpath(output)
    const { SourceCacheReader } = await import('../../dataset/index.js')
    const cache = await SourceCacheReader.open(directory)
    try {
      if (cache.origin.conversion !== conversionKey(conversion)) return undefined
      return { directory, folders: await cache.folders() }
    } finally {
      await cache.close()
    }
  } catch {
    return undefined
  }
}

/** Names all that decides what a file becomes. */
export function conversionKey(conversion: Conversion | undefined): string {
  if (conversion === undefined) return JSON.stringify([TOOL, 'pass-through'])
  return JSON.stringify([TOOL, conversion, ...codecVersions()])
}
