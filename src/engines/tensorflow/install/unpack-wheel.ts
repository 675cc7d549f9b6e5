import { dirname, join } from 'node:path'
import { openPromise } from 'yauzl'
import { InputError } from '../../../errors/index.js'
import { makeDirectory, OutputFile } from '../../../io/index.js'
import { requireSpace } from './free-space.js'

/**
 * Writes the files of a wheel, a zip, whose paths are wanted below a folder, under their own paths, and gives those.
 * @throws InputError for a damaged wheel; OutputError where the folder has not enough space
 */
export async function unpackWheel(
  wheel: string,
  folder: string,
  wanted: (path: string) => boolean,
  signal?: AbortSignal,
): Promise<string[]> {
  try {
    // It refuses names that lead out of the folder, and files of another size than the directory says.
    const zip = await openPromise(wheel, { autoClose: false })
    try {
      const entries = []
      for await (const entry of zip.eachEntry()) {
        if (!entry.fileName.endsWith('/') && wanted(entry.fileName)) entries.push(entry)
      }
      await requireSpace(
        folder,
        entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0),
      )
      for (const entry of entries) {
        const path = join(folder, entry.fileName)
        await makeDirectory(dirname(path))
        const file = await OutputFile.create(path)
        try {
          for await (const chunk of await zip.openReadStreamPromise(entry)) {
            signal?.throwIfAborted()
            await file.write(chunk as Buffer)
          }
          await file.sync()
        } finally {
          await file.close()
        }
      }
      return entries.map(({ fileName }) => fileName)
    } finally {
      zip.close()
    }
  } catch (error) {
    if (signal?.aborted || !(error instanceof Error) || error.name !== 'Error') throw error
    throw new InputError({ file: wheel, problem: `is a damaged wheel: ${error.message}` }, { cause: error })
  }
}
