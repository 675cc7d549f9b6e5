import { AtomicFile } from './atomic-file.js'
import { InputFile } from './input-file.js'

const CHUNK_BYTES = 4 * 1024 * 1024

/**
 * Copies a file, atomically; one that is written to meanwhile is refused, for the copy would be part old, part new.
 * @param workshop where the unfinished copy stands: see `AtomicFile.create`
 * @throws InputError, OutputError
 */
export async function copyFile(from: string, to: string, workshop?: string): Promise<void> {
  const input = await InputFile.open(from)
  try {
    const output = await AtomicFile.create(to, workshop)
    try {
      for (let offset = 0; offset < input.size; offset += CHUNK_BYTES) {
        await output.write(await input.readExactly(offset, Math.min(CHUNK_BYTES, input.size - offset)))
      }
      await input.checkUnchanged()
    } catch (error) {
      await output.discard()
      throw error
    }
    await output.commit()
  } finally {
    await input.close()
  }
}
