import { setImmediate } from 'node:timers/promises'
import type { ShardResult, StageContext } from '../stage.js'
import { packImage } from './convert.js'
import { PartWriter } from './part-writer.js'
import type { PackShard } from './shard.js'
import { SourceReader } from './source-reader.js'

/** Files after which progress is told and the event loop gets a turn, for signals. */
const FILES_PER_TURN = 64

/** Reads and converts the files of a shard, one after another: the threads of the pool are the parallelism. */
export async function workOnFiles(shard: PackShard, context: StageContext): Promise<ShardResult> {
  const files = shard.folders.reduce((sum, folder) => sum + folder.files, 0)
  const sources = new SourceReader(shard.archives)
  const part = await PartWriter.create(context.scratch, shard.number, files)
  try {
    let done = 0
    for (const folder of shard.folders) {
      const { identity, relativePath } = folder
      for (const [position, name] of folder.names.split('/').entries()) {
        const { source, read } = sources.file(folder, position, name)
        part.append({
          identity,
          source,
          path: relativePath === '' ? name : `${relativePath}/${name}`,
          outcome: await packImage(read, shard.conversion),
        })
        if (part.behind) await part.ready()
        if (++done % FILES_PER_TURN !== 0) continue
        context.progress.advance(FILES_PER_TURN)
        await setImmediate()
        context.signal.throwIfAborted()
      }
    }
    context.progress.advance(done % FILES_PER_TURN)
    sources.finish()
    return await part.finish()
  } catch (error) {
    await part.discard()
    throw error
  } finally {
    sources.close()
  }
}
