import { setImmediate } from 'node:timers/promises'
import type { ShardResult, StageContext } from '../stage.js'
import { FilePacker } from './file-packer.js'
import { PartWriter } from './part-writer.js'
import type { PreviousVersion } from './previous-version.js'
import type { PackShard } from './shard.js'
import { SourceReader } from './source-reader.js'

/** Files after which progress is told and the event loop gets a turn, for signals. */
const FILES_PER_TURN = 64

/** Reads and converts the files of a shard, one after another: the threads of the pool are the parallelism. */
export async function workOnFiles(shard: PackShard, context: StageContext): Promise<ShardResult> {
  const { scratch, progress, signal } = context
  const sources = await SourceReader.of(shard.archives)
  const previous = await openPrevious(shard, context)
  const packer = new FilePacker(shard.conversion, previous)
  const files = shard.folders.reduce((sum, folder) => sum + folder.files, 0)
  const part = await PartWriter.create(scratch, shard.number, files)
  try {
    let done = 0
    let skipped = 0
    const tell = (count: number) => {
      progress.advance(count, { skipped })
      skipped = 0
    }
    for (const folder of shard.folders) {
      const { identity, relativePath, names, cached } = folder
      const known = cached && (await previous?.sources(cached))
      for (const [position, name] of names.split('/').entries()) {
        const file = sources.file(folder, position, name)
        const path = relativePath === '' ? name : `${relativePath}/${name}`
        const content = await packer.pack(file, known?.get(name))
        if (content.outcome.kind === 'skipped') skipped++
        part.append({ identity, source: file.source, path }, content)
        if (part.behind) await part.ready()
        if (++done % FILES_PER_TURN !== 0) continue
        tell(FILES_PER_TURN)
        await setImmediate()
        signal.throwIfAborted()
      }
    }
    tell(done % FILES_PER_TURN)
    sources.finish()
    return await part.finish()
  } catch (error) {
    await part.discard()
    throw error
  } finally {
    sources.close()
    await previous?.close()
  }
}

/** Loaded only where there is one: Arrow takes a thread a tenth of a second. */
async function openPrevious(
  { previous }: PackShard,
  { log }: StageContext,
): Promise<PreviousVersion | undefined> {
  if (previous === undefined) return undefined
  const { PreviousVersion } = await import('./previous-version.js')
  return PreviousVersion.open(previous, log)
}
