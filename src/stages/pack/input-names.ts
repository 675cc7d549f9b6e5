import { basename, dirname } from 'node:path'

const ARCHIVE = /\.(zip|tar)$/i

/** The number of a shard is the last one in its name: `train-0007`, `train-00007-of-00010`, `ms1mv3_7_images`. */
const SHARD_NUMBER = /\d+(-of-\d+)?(?=\D*$)/

/** For inputs that are not there yet. */
export function isArchiveName(path: string): boolean {
  return ARCHIVE.test(path)
}

/** What an input is called as a place: the name of a folder, that of an archive without its ending. */
export function nameOfInput(path: string): string {
  const name = basename(path)
  const stem = name.replace(ARCHIVE, '')
  return stem === '' ? name : stem
}

/** The same for all shards of one dataset: archives of one folder whose names differ in their number alone. */
export function setOfShards(path: string): string {
  return `${dirname(path)}/${basename(path).replace(SHARD_NUMBER, '#')}`
}

/**
 * What a dataset of these inputs is called by default: their names joined by `+`. Several shards of one dataset are
 * called by what stands before their number, or as their folder where nothing does.
 */
export function nameOfInputs(paths: string[]): string {
  const sets = new Map<string, string[]>()
  for (const path of paths) {
    const key = isArchiveName(path) ? setOfShards(path) : path
    sets.set(key, [...(sets.get(key) ?? []), path])
  }
  return [...sets.values()]
    .map((set) => (set.length > 1 ? nameOfSet(set[0]!) : nameOfInput(set[0]!)))
    .join('+')
}

function nameOfSet(path: string): string {
  const [beforeNumber = ''] = nameOfInput(path).split(SHARD_NUMBER)
  return beforeNumber.replace(/[-_. ]+$/, '') || basename(dirname(path))
}
