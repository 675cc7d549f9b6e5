import { posix, win32 } from 'node:path'
import { listBatches } from './list-file.js'

/**
 * Names by label, from the paths in a `.lst` file: the folder that holds all images of a label, where no other label
 * has images in a folder of that name.
 * @throws InputError
 */
export async function namesFromList(
  list: string | undefined,
  identities: number,
): Promise<(string | undefined)[]> {
  const names = new Array<string | undefined>(identities)
  const seen = new Uint8Array(identities)
  const labelOf = new Map<string, number>()
  const shared = new Set<string>()
  if (list === undefined) return names
  for await (const rows of listBatches(list)) {
    for (const { label, path } of rows) {
      if (!(label < identities && label >= 0)) continue
      const folder = folderOf(path)
      const first = labelOf.get(folder) ?? label
      labelOf.set(folder, first)
      if (folder === '.' || first !== label) shared.add(folder)
      if (seen[label] === 1 && names[label] !== folder) names[label] = undefined
      else names[label] = folder
      seen[label] = 1
    }
  }
  for (const [label, name] of names.entries()) {
    if (name !== undefined && shared.has(name)) names[label] = undefined
  }
  return names
}

/** Name of the innermost folder; `.` where there is none. im2rec writes the separators of the machine that it runs on. */
function folderOf(path: string): string {
  const { basename, dirname } = path.includes('/') ? posix : win32
  return basename(dirname(path))
}
