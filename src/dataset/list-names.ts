import { posix } from 'node:path'
import { emptyIdentityTable, type IdentityTable } from './identities.js'
import { readList } from './list-file.js'
import type { RecordTable } from './record-table.js'

/** The identities of a dataset of another tool, counted from its images and named by its `.lst` file. */
export async function identitiesFromTable(
  { count, keys, labels }: RecordTable,
  identities: number,
  list: string | undefined,
): Promise<IdentityTable> {
  const table = emptyIdentityTable(identities)
  for (let i = 0; i < count; i++) {
    const label = labels[i]!
    if (table.images[label]!++ === 0) table.firstKeys[label] = keys[i]!
  }
  if (list !== undefined) table.names = await namesFromList(list, identities)
  return table
}

/**
 * The folder that holds all images of a label is its name, where no other label has images in a folder of that name.
 * @throws InputError
 */
async function namesFromList(list: string, identities: number): Promise<(string | undefined)[]> {
  const names = new Array<string | undefined>(identities)
  const seen = new Uint8Array(identities)
  const labelOf = new Map<string, number>()
  const shared = new Set<string>()
  for await (const { label, path } of readList(list)) {
    if (!(label < identities && label >= 0)) continue
    const folder = posix.basename(posix.dirname(path))
    const first = labelOf.get(folder) ?? label
    labelOf.set(folder, first)
    if (folder === '.' || first !== label) shared.add(folder)
    if (seen[label] === 1 && names[label] !== folder) names[label] = undefined
    else names[label] = folder
    seen[label] = 1
  }
  return names.map((name) => (name === undefined || shared.has(name) ? undefined : name))
}
