import { existsSync } from 'node:fs'
import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { StrictError, UsageError } from '../errors/index.js'
import {
  makeDirectory,
  removeTree,
  removeWhole,
  renamePath,
  replaceLink,
  syncDirectory,
} from '../io/index.js'
import { carryBins } from './carry-bins.js'
import { type DatasetDescription, formatDescription } from './description.js'

/** A dataset that is written and not yet published. */
export interface WrittenDataset {
  /** Folder of its files. */
  folder: string
  description: DatasetDescription
}

/**
 * Refuses to write where something is, unless it may be replaced; a folder or file that facedata did not put there is
 * never replaced. @throws UsageError
 */
export async function refuseExisting(output: string, replace: boolean): Promise<void> {
  const found = await lstat(output).catch(() => undefined)
  if (found === undefined) return
  if (!found.isSymbolicLink()) {
    const kind = found.isDirectory() ? 'folder' : 'file'
    throw new UsageError(
      `${output} is a ${kind} that facedata did not publish, and is never replaced. Choose another output, or move it away`,
    )
  }
  if (!replace) throw new UsageError(`${output} exists. Choose another output, or give --replace`)
}

/**
 * Moves a written dataset to `.versions/<name>/<fingerprint>` beside `output` and renames a new link over `output`, so
 * that a reader sees the old dataset or the new one, whole. The version that stood there before is kept, older ones are
 * removed; bins that were put into it are in the new one too. `written.folder` must be on the file system of `output`.
 * @throws StrictError where images were skipped under `strict`, UsageError, OutputError
 */
export async function publishDataset(
  written: WrittenDataset,
  output: string,
  options: { strict: boolean; replace: boolean },
): Promise<void> {
  const { description } = written
  if (options.strict && description.skipped > 0) {
    throw new StrictError(
      `${description.skipped} skipped, and --strict was given: nothing is published. See ${join(written.folder, 'skipped.jsonl')}`,
    )
  }
  await refuseExisting(output, options.replace)
  const versions = join(dirname(output), '.versions', basename(output))
  const version = join(versions, description.fingerprint)
  await makeDirectory(versions)
  const previous = await realpath(output).catch(() => undefined)
  const workshop = dirname(written.folder)
  if (await holds(version, description)) {
    if (previous !== undefined && previous !== (await realpath(version))) {
      await carryBins(previous, version, workshop)
    }
    await removeTree(written.folder)
  } else {
    if (previous !== undefined) await carryBins(previous, written.folder, workshop)
    await moveInto(written.folder, version)
  }
  await replaceLink(output, join('.versions', basename(output), description.fingerprint))
  await removeOldVersions(versions, description.fingerprint, previous && basename(previous))
}

/** The same content was published before, and is still whole. */
async function holds(version: string, description: DatasetDescription): Promise<boolean> {
  const stated = await readFile(join(version, 'dataset.json'), 'utf8').catch(() => undefined)
  if (stated !== formatDescription(description)) return false
  const files = Object.entries(description.files)
  const sizes = await Promise.all(
    files.map(([name]) =>
      stat(join(version, name)).then(
        ({ size }) => size,
        () => -1,
      ),
    ),
  )
  return files.every(([, { bytes }], i) => sizes[i] === bytes)
}

async function moveInto(folder: string, version: string): Promise<void> {
  await syncDirectory(folder)
  if (existsSync(version)) await removeWhole(version)
  await renamePath(folder, version)
  await syncDirectory(dirname(version))
}

/** Keeps the version that the link names and the newest of the others. Ends what a killed run began to remove. */
async function removeOldVersions(
  versions: string,
  current: string,
  previous: string | undefined,
): Promise<void> {
  const names = await readdir(versions)
  for (const name of names) if (name.endsWith('.removed.tmp')) await removeTree(join(versions, name))
  const others = names.filter((name) => /^[0-9a-f]{16}$/.test(name) && name !== current)
  const ages = await Promise.all(
    others.map(async (name) => ({
      name,
      time: name === previous ? Number.POSITIVE_INFINITY : (await stat(join(versions, name))).mtimeMs,
    })),
  )
  ages.sort((a, b) => b.time - a.time)
  for (const { name } of ages.slice(1)) await removeWhole(join(versions, name))
}
