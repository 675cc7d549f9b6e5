import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Dataset, type DialectName, resolveDataset } from '../../dataset/index.js'
import { StrictError } from '../../errors/index.js'
import { removeTree } from '../../io/index.js'
import { type Log, type Progress, silentLog, silentProgress } from '../../progress/progress.js'
import { placeFiles } from './place-files.js'
import { prepareFiles } from './prepare.js'
import { findTarget } from './target.js'

export interface AdoptOptions {
  /** Folder in which names are looked up. */
  datasets?: string
  /** Anything skipped is an error, and nothing is written. */
  strict?: boolean
  log?: Log
  progress?: Progress
  signal?: AbortSignal
}

/** A dataset directory that was made of a dataset of another tool. */
export interface Adoption {
  name: string
  /** Its folder, behind all links. */
  path: string
  fingerprint: string
  dialect: DialectName
  images: number
  identities: number
  /** Identities whose name the list tells. */
  named: number
  /** Records that the index does not name, and files of the list that have no record: in `skipped.jsonl`. */
  skipped: number
  /** Names of the files that were written; none where the dataset had its description. */
  written: string[]
}

/** Folder in that of the dataset in which files are made. */
const WORKSHOP = '.adopt.tmp'

/**
 * Makes a dataset of another tool a dataset directory: writes what it lacks of `train.idx`, `train.lst` and `property`,
 * then manifest, identities and description. Its own files are not touched; one that is not true of the records is an
 * error. Memory: 12 bytes an image, and index and list by columns.
 * @throws InputError, UsageError, StrictError, OutputError; the reason of the signal
 */
export async function adopt(nameOrPath: string, options: AdoptOptions = {}): Promise<Adoption> {
  const { log = silentLog, progress = silentProgress, signal = new AbortController().signal } = options
  const target = await findTarget(await resolveDataset(nameOrPath, options.datasets))
  const { folder, records, description } = target.files
  const workshop = join(folder, WORKSHOP)
  if (description !== undefined) {
    // Left by a run that was stopped at its very end.
    if (existsSync(workshop)) await removeTree(workshop)
    return adoptionOf(folder, [])
  }
  const dataset = await Dataset.open(records)
  try {
    const { skipped, files } = await prepareFiles(target, dataset, workshop, { log, progress, signal })
    const written = (await readdir(workshop)).filter((name) => name !== 'dataset.json').sort()
    if (options.strict === true && skipped > 0) {
      await removeTree(workshop)
      throw new StrictError(
        `${skipped} skipped, and --strict was given: nothing is written. Without it, they are listed in ${join(folder, 'skipped.jsonl')}`,
      )
    }
    signal.throwIfAborted()
    await placeFiles(workshop, folder, written)
    return await adoptionOf(folder, [...written.filter((name) => name in files), 'dataset.json'])
  } finally {
    progress.finish()
    await dataset.close()
  }
}

/** The lines of an adoption for the console. */
export function describeAdoption(adoption: Adoption): string[] {
  const { name, images, identities, named, skipped, written } = adoption
  const text = (count: number) => count.toLocaleString('en-US')
  const holds = `${text(images)} images of ${text(identities)} identities`
  if (written.length === 0) {
    return [`${name} is described already: ${holds}, fingerprint ${adoption.fingerprint}`]
  }
  const names = named === identities ? 'all named' : named === 0 ? 'without names' : `${text(named)} named`
  return [`adopted ${name}: ${holds}, ${names} (${text(skipped)} skipped)`, `  wrote ${written.join(', ')}`]
}

/** Opens the dataset as it is now. @throws InputError */
async function adoptionOf(folder: string, written: string[]): Promise<Adoption> {
  const dataset = await Dataset.open(folder)
  try {
    const names = await dataset.identityNames()
    return {
      name: dataset.name,
      path: folder,
      fingerprint: await dataset.fingerprint(),
      dialect: dataset.dialect,
      images: dataset.imageCount,
      identities: dataset.identityCount,
      named: names.filter((name) => name !== undefined).length,
      skipped: dataset.description!.skipped,
      written,
    }
  } finally {
    await dataset.close()
  }
}
