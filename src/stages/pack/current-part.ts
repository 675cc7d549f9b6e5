import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { readWholeFile } from '../../io/index.js'
import { PartSources } from './part-sources.js'
import { partFiles } from './part-writer.js'
import type { PackShard } from './shard.js'
import { type FileState, fileState, isSame } from './source-file.js'

/**
 * Whether the files of a shard are in the state in which an earlier run read them into the part that it left. Archives
 * are not looked at: their states are in the plan.
 */
export async function isPartCurrent({ number, folders }: PackShard, scratch: string): Promise<boolean> {
  const bytes = await readWholeFile(join(scratch, partFiles(number).sources))
  const states = new PartSources(new Uint8Array(bytes).buffer)
  let file = 0
  for (const { path, names, files, archived } of folders) {
    if (archived !== undefined) {
      file += files
      continue
    }
    for (const name of names.split('/')) {
      if (!isUnchanged(states.get(file++), fileState(`${path}/${name}`))) return false
    }
    await setImmediate()
  }
  return true
}

/** A file that could not be read is unchanged where there is still none. */
function isUnchanged(before: FileState | undefined, now: FileState | undefined): boolean {
  return before === undefined || now === undefined ? before === now : isSame(before, now)
}
