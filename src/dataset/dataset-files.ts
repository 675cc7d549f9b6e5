import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { InputError } from '../errors/index.js'
import { inputErrorFrom } from '../io/index.js'

/** Paths of a dataset's files; those that it lacks are undefined. */
export interface DatasetFiles {
  /** The folder itself, behind all links: it stays the same when a new version is published. */
  folder: string
  /** Name of the folder or `.rec` file as it was given. */
  name: string
  records: string
  index: string | undefined
  list: string | undefined
  property: string | undefined
  manifest: string | undefined
  identities: string | undefined
  description: string | undefined
}

/**
 * Finds the files of a dataset by its folder (`train.rec`, else the only `.rec` file) or by its `.rec` file.
 * @throws InputError where there is no `.rec` file, or several of which none is `train.rec`
 */
export async function findDatasetFiles(path: string): Promise<DatasetFiles> {
  try {
    const given = await stat(path)
    const folder = await realpath(given.isDirectory() ? path : dirname(path))
    const entries = new Set(await readdir(folder))
    const records = given.isDirectory() ? chooseRecords(path, entries) : basename(path)
    const stem = basename(records, extname(records))
    const present = (name: string) => (entries.has(name) ? join(folder, name) : undefined)
    const ours = stem === 'train'
    return {
      folder,
      name: given.isDirectory() ? basename(resolve(path)) : stem,
      records: join(folder, records),
      index: present(`${stem}.idx`),
      list: present(`${stem}.lst`),
      property: present('property'),
      manifest: ours ? present('manifest.arrow') : undefined,
      identities: ours ? present('identities.arrow') : undefined,
      description: ours ? present('dataset.json') : undefined,
    }
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
}

function chooseRecords(path: string, entries: Set<string>): string {
  if (entries.has('train.rec')) return 'train.rec'
  const found = [...entries].filter((name) => extname(name) === '.rec').sort()
  if (found.length === 1) return found[0]!
  throw new InputError({
    file: path,
    problem: found.length === 0 ? 'not a dataset: it holds no .rec file' : 'it holds several .rec files',
    expected: 'train.rec, or one .rec file',
    actual: found.length === 0 ? [...entries].slice(0, 5).join(', ') || 'an empty folder' : found.join(', '),
    fix: found.length === 0 ? 'Make a dataset with `facedata pack`.' : 'Name one of them.',
  })
}
