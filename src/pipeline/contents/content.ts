import { InputError } from '../../errors/index.js'
import { isArchiveName } from '../../stages/pack/input-names.js'
import { isPublishedFolder } from '../../stages/published-folder.js'
import type { Input } from '../../stages/stage.js'
import { datasetContent } from './dataset-content.js'
import { fileAndSidecar, filesBelow, runFiles, statOf } from './file-list.js'
import { hashedContent } from './hashed-content.js'
import { photoContent } from './photo-content.js'

/** What stands at a path. */
export interface Content {
  /** The same only for the same content. */
  digest: string
  /** Sizes and times of its files: while it is the same, so is the digest, and nothing is read. */
  state: string
}

export interface ContentSettings {
  /** From an earlier look at the same path. */
  known?: Content | undefined
  /** Read everything again, whatever sizes and times say. */
  reread?: boolean
  signal?: AbortSignal
}

/** Where nothing stands that could be read as what it should be. */
export const UNREADABLE = 'unreadable'

/**
 * The content of an artifact; undefined where there is none.
 *
 * - A dataset: its fingerprint. A `dataset.json` that is seen for the first time is believed; files whose size or time
 *   changed since are read and compared with it. Of another tool's: index, size and time of the `.rec` file, and a
 *   megabyte at either end.
 * - A folder that facedata wrote, and a file, of a bin with its sidecar: the bytes, read again where a size or time changed.
 * - Any other folder, and an archive: names, sizes and times, as pack has it.
 * - A run: its config, model, best weights, and the backbones of its checkpoints.
 */
export async function contentOf(
  { path, kind }: Pick<Input, 'path' | 'kind'>,
  settings: ContentSettings = {},
): Promise<Content | undefined> {
  const found = await statOf(path)
  if (found === undefined) return undefined
  try {
    if (kind === 'dataset') return await datasetContent(path, settings)
    if (found.isFile()) {
      return isArchiveName(path)
        ? await photoContent(() => [{ path, name: '', stat: found }], settings)
        : await hashedContent(() => fileAndSidecar(path), settings)
    }
    if (kind === 'run') return await hashedContent(() => runFiles(path), settings)
    return (await isPublishedFolder(path))
      ? await hashedContent(() => filesBelow(path), settings)
      : await photoContent(() => filesBelow(path), settings)
  } catch (error) {
    if (error instanceof InputError) return { digest: UNREADABLE, state: '' }
    throw error
  }
}
