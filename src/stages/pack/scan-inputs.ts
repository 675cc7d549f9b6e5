import { statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type ArchiveListing, EntryReader, listArchive } from '../../archives/index.js'
import { InputError } from '../../errors/index.js'
import { type ArchivedFiles, addFile, type PlannedArchive } from './archived-files.js'
import { byBytes } from './byte-order.js'
import { nameOfInput, setOfShards } from './input-names.js'
import { type ImageFolder, scanFolder } from './scan.js'
import { type ArchiveScan, countIgnored, scanArchive, sortByName } from './scan-archive.js'
import { MAXIMUM_FILE_BYTES } from './source-file.js'
import { WebDatasetLabels } from './web-dataset.js'

/** Images of one identity in one place: a folder on disk or in an archive, or the shards of a WebDataset. */
export interface SourceFolder extends ImageFolder {
  /** Name of the identity. */
  name: string
  /** Position in the inputs; of images in several shards, that of the first. */
  source: number
  /** Where the images lie, if not on disk. */
  archived?: ArchivedFiles
  /** Of a WebDataset: identities of one name in its shards are one. */
  set?: string
}

/** An image file that belongs to no identity. */
export interface UnnamedFile {
  /** Position in the inputs. */
  source: number
  path: string
  reason: string
}

export interface ScannedInputs {
  /** By input, then by path. */
  folders: SourceFolder[]
  /** By position in the inputs. */
  archives: Record<number, PlannedArchive>
  unnamed: UnnamedFile[]
  /** Files that are not images, counted by extension, as `hidden`, or as `special`. */
  ignored: Record<string, number>
  /** Archives whose images have labels beside them. */
  webDatasets: number
}

/** Labels after which the event loop gets a turn, for signals. */
const LABELS_PER_TURN = 512

/**
 * Finds the images of folders and archives. In both, a folder that directly holds images is an identity; in a
 * WebDataset shard, what stands beside the images names it.
 * @throws InputError for an input that cannot be read, and for one without an identity
 */
export async function scanInputs(roots: string[]): Promise<ScannedInputs> {
  const inputs: ScannedInputs = { folders: [], archives: {}, unnamed: [], ignored: {}, webDatasets: 0 }
  const shards = new Map<string, SourceFolder>()
  for (const [source, root] of roots.entries()) {
    if (isFile(root)) await addArchive(root, source, inputs, shards)
    else await addFolder(root, source, inputs)
  }
  return inputs
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

async function addFolder(root: string, source: number, inputs: ScannedInputs): Promise<void> {
  const { folders, ignored } = await scanFolder(root)
  if (folders.length === 0) throw noIdentity(root, ignored)
  for (const [kind, files] of Object.entries(ignored)) countIgnored(inputs, kind, files)
  for (const folder of folders) inputs.folders.push({ ...folder, name: nameOf(folder, root), source })
}

async function addArchive(
  root: string,
  source: number,
  inputs: ScannedInputs,
  shards: Map<string, SourceFolder>,
): Promise<void> {
  const listing = await listArchive(root, { entryBytes: MAXIMUM_FILE_BYTES })
  const { path, format, state, entries } = listing
  const reader = EntryReader.open(path, format, state)
  try {
    const scan = await scanArchive(listing, reader)
    const labels = WebDatasetLabels.find(entries, scan, reader)
    if (scan.images.size === 0) throw noIdentity(root, scan.ignored, firstProblem(listing, scan))
    inputs.archives[source] = { path, format, state }
    for (const [kind, files] of Object.entries(scan.ignored)) countIgnored(inputs, kind, files)
    for (const row of scan.misnamed) {
      inputs.unnamed.push({ source, path: entries.path(row), reason: entries.problem(row)! })
    }
    if (labels === undefined) addArchivedFolders(listing, scan, source, inputs)
    else await addShard(listing, scan, source, inputs, { labels, shards })
    reader.refuseChange()
  } finally {
    reader.close()
  }
}

function addArchivedFolders(
  { path: archive, entries }: ArchiveListing,
  scan: ArchiveScan,
  source: number,
  inputs: ScannedInputs,
): void {
  for (const relativePath of [...scan.images.keys()].sort(byBytes)) {
    const { names, rows } = sortByName(entries, scan.images.get(relativePath)!)
    const folder = { path: join(archive, relativePath), relativePath, names }
    const archived: ArchivedFiles = { numbers: [], problems: {} }
    for (const row of rows) addFile(archived, fileOf(entries, row, source))
    inputs.folders.push({ ...folder, name: nameOf(folder, archive), source, archived })
  }
}

async function addShard(
  { path: archive, entries }: ArchiveListing,
  scan: ArchiveScan,
  source: number,
  inputs: ScannedInputs,
  { labels, shards }: { labels: WebDatasetLabels; shards: Map<string, SourceFolder> },
): Promise<void> {
  inputs.webDatasets++
  const set = setOfShards(archive)
  let done = 0
  for (const relativePath of [...scan.images.keys()].sort(byBytes)) {
    const { names, rows } = sortByName(entries, scan.images.get(relativePath)!)
    for (const [i, row] of rows.entries()) {
      if (done++ % LABELS_PER_TURN === 0) await setImmediate()
      const label = labels.labelOf(row)
      if ('problem' in label) {
        inputs.unnamed.push({ source, path: entries.path(row), reason: label.problem })
        continue
      }
      const key = [set, relativePath, label.identity].join('\0')
      let folder = shards.get(key)
      if (folder === undefined) {
        const path = join(archive, relativePath)
        const archived = { numbers: [], problems: {} }
        folder = { path, relativePath, names: [], name: label.identity, source, archived, set }
        shards.set(key, folder)
        inputs.folders.push(folder)
      }
      folder.names.push(names[i]!)
      addFile(folder.archived!, fileOf(entries, row, source))
    }
  }
}

function fileOf(entries: ArchiveListing['entries'], row: number, source: number) {
  const problem = entries.problem(row)
  return { source, location: entries.location(row), ...(problem === undefined ? {} : { problem }) }
}

/** A folder is named by itself, the input by its own name. */
function nameOf({ relativePath }: { relativePath: string }, root: string): string {
  return relativePath === '' ? nameOfInput(root) : posix.basename(relativePath)
}

function firstProblem({ entries }: ArchiveListing, { misnamed: [row] }: ArchiveScan): string | undefined {
  return row === undefined ? undefined : `${entries.path(row)}: ${entries.problem(row)}`
}

function noIdentity(root: string, ignored: Record<string, number>, problem?: string): InputError {
  const others = Object.entries(ignored).map(([kind, files]) => `${files} ${kind}`)
  const archives = ['.tar', '.zip'].find((kind) => ignored[kind] !== undefined)
  return new InputError({
    file: root,
    problem: `there is no identity in this ${isFile(root) ? 'archive' : 'folder'}`,
    expected: 'folders of images, each named like a person: FOLDER/NAME/IMAGE.jpg',
    actual: problem ?? (others.length === 0 ? 'no files' : `other files: ${others.join(', ')}`),
    ...(archives !== undefined && {
      fix: `Archives are inputs themselves: facedata pack ${root}/*${archives}`,
    }),
  })
}
