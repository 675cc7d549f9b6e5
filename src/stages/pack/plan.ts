import { realpathSync } from 'node:fs'
import { basename } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { resolveOutputDataset } from '../../dataset/catalog.js'
import { createXxh64, hashToHex } from '../../hash/xxh64.js'
import { inputErrorFrom } from '../../io/index.js'
import { KeptLabels, locateLabels } from '../kept-labels.js'
import type { Cut, Plan } from '../stage.js'
import { type IdentityFolder, orderByIdentity, refuseOverlap } from './identities.js'
import { nameOfInputs } from './input-names.js'
import { expandPatterns } from './input-patterns.js'
import { contentOptions, type PackOptions } from './options.js'
import { findPrevious, type Previous } from './plan-previous.js'
import { scanInputs } from './scan-inputs.js'
import { isFile } from './scanned-inputs.js'
import { cutIntoShards, type FrozenLabels, type PackShard, type ShardFolder } from './shard.js'

/** Layout of the parts: a change makes parts of earlier versions unusable. */
const PART_FORMAT = 5
/** Folders after which the event loop gets a turn, for signals. */
const FOLDERS_PER_TURN = 256

/** The inputs as absolute paths, patterns expanded. @throws UsageError */
export function inputPaths(options: PackOptions): string[] {
  return expandPatterns(options.inputs)
}

/** Where the dataset goes: by default the name of the input, of several inputs their names joined by `+`. */
export function outputDataset(options: PackOptions): string {
  return resolveOutputDataset(options.output ?? nameOfInputs(inputPaths(options)), options.datasets)
}

/**
 * Scans the inputs and cuts their files into shards. The fingerprint covers the path of every file, and the state of
 * every archive. Whether a file has changed is asked of those alone that a killed run had read (`isPartCurrent`): to ask
 * it of all here takes as long as reading them. A file that vanishes between plan and work is listed as skipped; of one
 * that changes, what the work reads counts. An archive that changes stops the work.
 */
export async function planPack(options: PackOptions, shards: number, cut?: Cut): Promise<Plan<PackShard>> {
  const content = contentOptions(options)
  const output = outputDataset(options)
  const roots = inputPaths(options)
  refuseOverlap(roots.map((root) => ({ path: realPath(root), isArchive: isFile(root) })))
  const { folders: found, archives, unnamed, ignored, webDatasets } = await scanInputs(roots)
  const kept = await readKeptLabels(options, output)
  const folders = orderByIdentity(
    found,
    roots.map((root) => basename(root)),
    options['join-by-name'],
    kept,
  )
  const frozen = kept && freezeLabels(kept, folders)
  const { size, fit, quality } = options
  const conversion = options['pass-through'] ? undefined : { size, fit, quality }
  const previous = await findPrevious(output, conversion)
  const ranges = cutIntoShards(folders, shards, cut)
  const findings = { unnamed, ignored: sortedCounts(ignored), webDatasets, ...(frozen && { kept: frozen }) }
  return {
    stage: 'pack',
    fingerprint: await fingerprintOf(
      { format: PART_FORMAT, content, output, roots, archives, frozen },
      folders,
    ),
    options: { ...options, inputs: roots },
    output: { path: output, kind: 'dataset' },
    amount: {
      phase: 'packing',
      total: folders.reduce((sum, { names }) => sum + names.length, 0),
      unit: 'images',
    },
    shards: ranges.map((range, number) => ({
      number,
      ...(conversion === undefined ? {} : { conversion }),
      ...(previous && { previous: previous.directory }),
      folders: previous === undefined ? range : range.map((folder) => withCached(folder, previous)),
      archives,
      ...(number === 0 && { findings }),
    })),
  }
}

function withCached(folder: ShardFolder, { folders }: Previous): ShardFolder {
  const cached = folder.archived === undefined ? folders.get(folder.path) : undefined
  return cached === undefined ? folder : { ...folder, cached }
}

async function readKeptLabels(options: PackOptions, output: string): Promise<KeptLabels | undefined> {
  const { 'labels-from': previous, datasets } = options
  const directory = await locateLabels({ previous, output, datasets })
  if (directory === undefined) return undefined
  const { Dataset } = await import('../../dataset/index.js')
  const dataset = await Dataset.open(directory)
  try {
    return await KeptLabels.of(dataset)
  } finally {
    await dataset.close()
  }
}

function freezeLabels({ dataset, identities }: KeptLabels, folders: IdentityFolder[]): FrozenLabels {
  const present = new Set(folders.map(({ keptLabel }) => keptLabel))
  const absent = identities.filter(({ label }) => !present.has(label))
  return { dataset, count: identities.length, absent }
}

async function fingerprintOf(options: unknown, folders: IdentityFolder[]): Promise<string> {
  const hash = createXxh64()
  const update = (text: string) => hash.update(Buffer.from(`${text}\0`, 'utf8'))
  update(JSON.stringify(options))
  for (const [i, { path, keptLabel, names, archived }] of folders.entries()) {
    if (i % FOLDERS_PER_TURN === 0) await setImmediate()
    update(path)
    update(String(keptLabel))
    update(names.join('\0'))
    // The states of archives are among the options.
    if (archived !== undefined) update(JSON.stringify(archived))
  }
  return hashToHex(hash.digest())
}

function sortedCounts(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path)
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
}
