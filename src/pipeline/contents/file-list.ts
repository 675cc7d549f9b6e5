import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { inputErrorFrom } from '../../io/index.js'
import { RunDirectory } from '../../training/index.js'
import { sidecarPath } from '../../verification/index.js'

export interface ListedFile {
  path: string
  /** Below the listed folder, with `/`. */
  name: string
  stat: Stats
}

/** Lists files, each time that it is called. */
export type FileList = () => Iterable<ListedFile> | AsyncIterable<ListedFile>

/** Undefined where there is nothing. */
export async function statOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined)
}

/**
 * The files below a folder, in the order of their names. Hidden ones are passed over: lists of file managers, and the
 * mark of a published folder. Links are followed, except back to a folder that encloses them. @throws InputError
 */
export async function* filesBelow(
  root: string,
  name = '',
  enclosing: string[] = [],
): AsyncGenerator<ListedFile> {
  const folder = name === '' ? root : join(root, name)
  const real = realPath(folder)
  if (enclosing.includes(real)) return
  await setImmediate()
  for (const entry of entriesOf(folder)) {
    if (entry.name.startsWith('.')) continue
    const below = name === '' ? entry.name : `${name}/${entry.name}`
    const path = join(root, below)
    const found = statOrNothing(path)
    if (found?.isDirectory()) yield* filesBelow(root, below, [...enclosing, real])
    else if (found?.isFile()) yield { path, name: below, stat: found }
  }
}

/** A file, and of a bin what is written beside it: the folds. */
export async function* fileAndSidecar(path: string): AsyncGenerator<ListedFile> {
  for (const file of path.endsWith('.bin') ? [path, sidecarPath(path)] : [path]) {
    const found = await statOf(file)
    if (found !== undefined) yield { path: file, name: file.slice(path.length), stat: found }
  }
}

/** What other steps read of a run. Its log and curves hold times; heads and optimizers serve resuming alone. */
export async function* runFiles(path: string): AsyncGenerator<ListedFile> {
  const run = new RunDirectory(path)
  const steps = await readdir(run.checkpoints).catch(() => [])
  const backbones = steps.sort().map((step) => join(run.checkpoints, step, 'backbone.safetensors'))
  for (const file of [run.config, run.model, run.best, ...backbones]) {
    const found = await statOf(file)
    if (found !== undefined) yield { path: file, name: file.slice(path.length), stat: found }
  }
}

/** Also of a link that leads nowhere or to itself. */
function statOrNothing(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** Many small folders are read several times as fast synchronously as through promises. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    throw inputErrorFrom(error, folder)
  }
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path)
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
}
