import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ShardResult, StageContext } from '../stage.js'
import { packFile } from './convert.js'
import { PartWriter } from './part-writer.js'
import type { PackShard } from './shard.js'

/** Files after which progress is told and the event loop gets a turn, for signals. */
const FILES_PER_TURN = 64

/** Reads and converts the files of a shard, one after another: the threads of the pool are the parallelism. */
export async function workOnFiles(shard: PackShard, context: StageContext): Promise<ShardResult> {
  const files = shard.folders.reduce((sum, folder) => sum + folder.files, 0)
  const part = await PartWriter.create(context.scratch, shard.number, files)
  try {
    let done = 0
    for (const { identity, source, path, relativePath, names } of shard.folders) {
      for (const name of names.split('/')) {
        part.append({
          identity,
          source,
          path: relativePath === '' ? name : `${relativePath}/${name}`,
          outcome: await packFile(join(path, name), shard.conversion),
        })
        if (part.behind) await part.ready()
        if (++done % FILES_PER_TURN !== 0) continue
        context.progress.advance(FILES_PER_TURN)
        await setImmediate()
        context.signal.throwIfAborted()
      }
    }
    context.progress.advance(done % FILES_PER_TURN)
    return await part.finish()
  } catch (error) {
    await part.discard()
    throw error
  }
}
