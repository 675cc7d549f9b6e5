import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type ArchiveListing, EntryReader, listArchive } from '../../archives/index.js'
import { type ArchivedFiles, addFile } from './archived-files.js'
import { byBytes } from './byte-order.js'
import { countIgnored } from './ignored-files.js'
import { setOfShards } from './input-names.js'
import { type ArchiveScan, scanArchive, sortByName } from './scan-archive.js'
import { nameOf, noIdentity, type ScannedInputs, type SourceFolder } from './scanned-inputs.js'
import { MAXIMUM_FILE_BYTES } from './source-file.js'
import { WebDatasetLabels } from './web-dataset.js'

/** Labels after which the event loop gets a turn, for signals. */
const LABELS_PER_TURN = 512

/** @param shards folders of the WebDatasets met so far, by set, path and label @throws InputError */
export async function addArchive(
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

function firstProblem({ entries }: ArchiveListing, { misnamed: [row] }: ArchiveScan): string | undefined {
  return row === undefined ? undefined : `${entries.path(row)}: ${entries.problem(row)}`
}
