import { readdir, stat } from 'node:fs/promises'
import { basename, isAbsolute, join, resolve } from 'node:path'
import { InputError, nearestWord } from '../errors/index.js'

/** Letters that a mistyped name has wrong at most. */
const MOST_SLIPS = 2
const MOST_NAMES = 20

/** Folder in which names resolve: what was given, else `$FACEDATA_DATASETS`, else `./datasets`. Absolute. */
export function datasetsFolder(given?: string): string {
  return resolve(given ?? (process.env['FACEDATA_DATASETS'] || 'datasets'))
}

/**
 * Where a dataset stands: a path that exists, or a name in the datasets folder. A path may also name a `.rec` file.
 * @throws InputError that lists the names there are
 */
export async function resolveDataset(nameOrPath: string, datasets?: string): Promise<string> {
  const path = await locateDataset(nameOrPath, datasets)
  if (await exists(path)) return path
  const folder = datasetsFolder(datasets)
  const names = await datasetNames(folder)
  const near = nearestWord(basename(nameOrPath), names, MOST_SLIPS)
  throw new InputError({
    file: nameOrPath,
    problem: 'there is no such dataset',
    expected: `a path, or a name in ${folder}`,
    actual: names.length === 0 ? 'no dataset there' : `there: ${shortList(names)}`,
    ...(near !== undefined && { fix: `Did you mean ${near}?` }),
  })
}

/** Where a dataset stands, or will stand once it is made. */
export async function locateDataset(nameOrPath: string, datasets?: string): Promise<string> {
  const named = resolveOutputDataset(nameOrPath, datasets)
  const path = resolve(nameOrPath)
  return (await exists(named)) || !(await exists(path)) ? named : path
}

/** Where a dataset of this name or path is to be written. Absolute. */
export function resolveOutputDataset(nameOrPath: string, datasets?: string): string {
  return isName(nameOrPath) ? join(datasetsFolder(datasets), nameOrPath) : resolve(nameOrPath)
}

/** Names in a datasets folder, sorted. Bins and reviews lie there too: files, which no dataset is but a `.rec`. */
export async function datasetNames(folder: string): Promise<string[]> {
  if (!(await exists(folder))) return []
  return (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => !entry.name.startsWith('.') && (!entry.isFile() || entry.name.endsWith('.rec')))
    .map(({ name }) => name)
    .sort()
}

function shortList(names: string[]): string {
  const more = names.length - MOST_NAMES
  return names.slice(0, MOST_NAMES).join(', ') + (more > 0 ? `, and ${more} more` : '')
}

function isName(nameOrPath: string): boolean {
  return !isAbsolute(nameOrPath) && !/[/\\]/.test(nameOrPath) && nameOrPath !== '.' && nameOrPath !== '..'
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
