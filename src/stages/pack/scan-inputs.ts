import { countIgnored } from './ignored-files.js'
import { scanFolder } from './scan.js'
import { isFile, nameOf, noIdentity, type ScannedInputs, type SourceFolder } from './scanned-inputs.js'

/**
 * Finds the images of folders and archives. In both, a folder that directly holds images is an identity; in a
 * WebDataset shard, what stands beside the images names it.
 * @throws InputError for an input that cannot be read, and for one without an identity
 */
export async function scanInputs(roots: string[]): Promise<ScannedInputs> {
  const inputs: ScannedInputs = { folders: [], archives: {}, unnamed: [], ignored: {}, webDatasets: 0 }
  const shards = new Map<string, SourceFolder>()
  for (const [source, root] of roots.entries()) {
    if (isFile(root)) await (await archives()).addArchive(root, source, inputs, shards)
    else await addFolder(root, source, inputs)
  }
  return inputs
}

async function addFolder(root: string, source: number, inputs: ScannedInputs): Promise<void> {
  const { folders, ignored } = await scanFolder(root)
  if (folders.length === 0) throw noIdentity(root, ignored)
  for (const [kind, files] of Object.entries(ignored)) countIgnored(inputs, kind, files)
  for (const folder of folders) inputs.folders.push({ ...folder, name: nameOf(folder, root), source })
}

/** Loaded where there are any. */
function archives(): Promise<typeof import('./scan-archived-input.js')> {
  return import('./scan-archived-input.js')
}
