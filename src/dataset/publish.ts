import { existsSync } from 'node:fs'
import { lstat, readdir, realpath, stat } from 'node:fs/promises'
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
import type { DatasetDescription } from './description.js'

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

/** A written dataset and the name that it gets. */
export interface Publication {
  written: WrittenDataset
  output: string
}

export interface PublishOptions {
  /** Anything skipped is an error. */
  strict: boolean
  /** Publish over a dataset that exists. */
  replace: boolean
  /** Asked of what would be published; of several datasets, of the first. Throws where it must not be. */
  approve?: ((counts: { images: number; identities: number }) => void) | undefined
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
  options: PublishOptions,
): Promise<void> {
  await publishTogether([{ written, output }], options)
}

/**
 * Publishes datasets that belong together, each as `publishDataset` does. All are in place before the first link is
 * renamed: a run that is killed in the moment between the links has published the first ones alone, and run again, it
 * publishes the others.
 * @throws as `publishDataset`
 */
export async function publishTogether(publications: Publication[], options: PublishOptions): Promise<void> {
  if (options.strict) refuseSkipped(publications)
  const { images, identities, emptyIdentities } = publications[0]!.written.description
  options.approve?.({ images, identities: identities - emptyIdentities })
  for (const { output } of publications) await refuseExisting(output, options.replace)
  const places: Place[] = []
  for (const publication of publications) places.push(await moveIntoPlace(publication))
  for (const { output, versions, fingerprint } of places) {
    await replaceLink(output, join('.versions', basename(versions), fingerprint))
  }
  for (const place of places) await removeOldVersions(place)
}

function refuseSkipped(publications: Publication[]): void {
  const skipped = publications.reduce((sum, { written }) => sum + written.description.skipped, 0)
  if (skipped === 0) return
  const { folder } = publications.find(({ written }) => written.description.skipped > 0)!.written
  throw new StrictError(
    `${skipped} skipped, and --strict was given: nothing is published. See ${join(folder, 'skipped.jsonl')}`,
  )
}

/** Where a dataset stands before its link is renamed. */
interface Place {
  output: string
  /** Folder of all its versions. */
  versions: string
  fingerprint: string
  /** Real path of what the link names so far. */
  previous: string | undefined
}

async function moveIntoPlace({ written, output }: Publication): Promise<Place> {
  const { folder, description } = written
  const { fingerprint } = description
  const versions = join(dirname(output), '.versions', basename(output))
  const version = join(versions, fingerprint)
  await makeDirectory(versions)
  const previous = await realpath(output).catch(() => undefined)
  const workshop = dirname(folder)
  if (existsSync(version)) {
    if (previous !== undefined && previous !== (await realpath(version))) {
      await carryBins(previous, version, workshop)
    }
    await replaceFiles(folder, version)
  } else {
    if (previous !== undefined) await carryBins(previous, folder, workshop)
    await moveInto(folder, version)
  }
  return { output, versions, fingerprint, previous }
}

/**
 * Where the same content was published before, its files take the place of those there, one by one: they are the same
 * bytes, unless the disk damaged what was there. At no moment is a version that a link names less than whole.
 */
async function replaceFiles(folder: string, version: string): Promise<void> {
  for (const name of await readdir(folder)) await renamePath(join(folder, name), join(version, name))
  await syncDirectory(version)
  await removeTree(folder)
}

async function moveInto(folder: string, version: string): Promise<void> {
  await syncDirectory(folder)
  await renamePath(folder, version)
  await syncDirectory(dirname(version))
}

/** Keeps the version that the link names and the newest of the others. Ends what a killed run began to remove. */
async function removeOldVersions({ versions, fingerprint, previous }: Place): Promise<void> {
  const names = await readdir(versions)
  for (const name of names) if (name.endsWith('.removed.tmp')) await removeTree(join(versions, name))
  const others = names.filter((name) => /^[0-9a-f]{16}$/.test(name) && name !== fingerprint)
  const ages = await Promise.all(
    others.map(async (name) => ({
      name,
      time:
        previous !== undefined && name === basename(previous)
          ? Number.POSITIVE_INFINITY
          : (await stat(join(versions, name))).mtimeMs,
    })),
  )
  ages.sort((a, b) => b.time - a.time)
  for (const { name } of ages.slice(1)) await removeWhole(join(versions, name))
}
