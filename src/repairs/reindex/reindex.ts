import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import {
  type DatasetDescription,
  type DatasetFiles,
  findDatasetFiles,
  type RecordKeys,
  readDescription,
  resolveDataset,
} from '../../dataset/index.js'
import { InputError, StrictError } from '../../errors/index.js'
import { makeDirectory, removeTree } from '../../io/index.js'
import { type Log, type Progress, silentLog, silentProgress } from '../../progress/progress.js'
import { type Loss, LostList } from './lost-list.js'
import { type Placed, Placement } from './placement.js'
import { readRecords } from './read-records.js'
import { indexByManifest, indexOf, type RebuiltIndex } from './rebuilt-index.js'

export interface ReindexOptions {
  /** Folder in which names are looked up. */
  datasets?: string
  /** Anything lost is an error, and nothing is written. */
  strict?: boolean
  log?: Log
  progress?: Progress
  signal?: AbortSignal
}

/** An index that was rebuilt, or found to be right. */
export interface Reindexing extends Placed {
  name: string
  /** The `.idx` file. */
  path: string
  /** Records that it names, and the images among them. */
  records: number
  images: number
  keysBy: RebuiltIndex['keysBy']
  /** Header and identity records that it leaves out, since they are not true of the images that are left. */
  rangesLeftOut: number
  /** Damaged places of the `.rec` file, and their bytes. */
  lost: number
  lostBytes: number
  /** Images that are missing by `dataset.json` or the header record; 0 where neither tells. */
  lostImages: number
  /** The first of what is lost. */
  losses: Loss[]
  /** The file that lists them all. */
  lostList?: string
}

/** Folder in that of the dataset in which files are made. */
const WORKSHOP = '.reindex.tmp'

/**
 * Rebuilds the index of a dataset from its `.rec` file alone. What is damaged is passed over and listed in
 * `train.idx.lost.jsonl`. An index that was there is kept as `train.idx.bak`, unless it is right: then nothing is
 * written. Keys are the ids in headers where these are distinct, else numbers in file order; those of an adopted
 * dataset its manifest tells. A description of which the new index is not true is renamed to `dataset.json.bak`: the
 * dataset is then read as one of another tool. About 40 bytes a record.
 * @throws InputError, StrictError, OutputError; the reason of the signal
 */
export async function reindex(nameOrPath: string, options: ReindexOptions = {}): Promise<Reindexing> {
  const { log = silentLog, progress = silentProgress, signal = new AbortController().signal } = options
  const files = await findDatasetFiles(await resolveDataset(nameOrPath, options.datasets))
  const workshop = join(files.folder, WORKSHOP)
  await removeTree(workshop)
  await makeDirectory(workshop)
  try {
    return await new Reindex(files, workshop, {
      strict: options.strict === true,
      log,
      progress,
      signal,
    }).run()
  } finally {
    progress.finish()
    await removeTree(workshop)
  }
}

class Reindex {
  readonly #files: DatasetFiles
  readonly #workshop: string
  readonly #context: { strict: boolean; log: Log; progress: Progress; signal: AbortSignal }
  /** Name of the index. */
  readonly #name: string

  constructor(
    files: DatasetFiles,
    workshop: string,
    context: { strict: boolean; log: Log; progress: Progress; signal: AbortSignal },
  ) {
    this.#files = files
    this.#workshop = workshop
    this.#context = context
    this.#name = `${basename(files.records, '.rec')}.idx`
  }

  async run(): Promise<Reindexing> {
    const description = await this.#readDescription()
    const listName = `${this.#name}.lost.jsonl`
    const lost = await LostList.create(join(this.#workshop, listName))
    try {
      const keys = await readRecords(this.#files.records, lost, this.#context)
      const index = await this.#rebuild(keys, description)
      const counted = description === undefined ? keys.lostImages : description.images - index.images
      const lostImages = Math.max(0, counted)
      if (lostImages > 0 && lost.count === 0) lost.add(await this.#missing(lostImages, description))
      await lost.finish()
      if (this.#context.strict && lost.count > 0) throw this.#strictError(lost)
      const placement = new Placement(this.#files, this.#workshop, this.#name)
      const lostList = await placement.placeList(listName, lost.count)
      const placed = await placement.placeIndex(index, description, this.#context.signal)
      return {
        name: description?.name ?? this.#files.name,
        path: join(this.#files.folder, this.#name),
        records: index.keys.length,
        images: index.images,
        keysBy: index.keysBy,
        rangesLeftOut: index.rangesLeftOut,
        lost: lost.count,
        lostBytes: lost.bytes,
        lostImages,
        losses: lost.shown,
        ...(lostList === undefined ? {} : { lostList }),
        ...placed,
      }
    } finally {
      await lost.close()
    }
  }

  async #rebuild(keys: RecordKeys, description: DatasetDescription | undefined): Promise<RebuiltIndex> {
    const { manifest, records } = this.#files
    const index =
      description?.adopted === true && manifest !== undefined
        ? await indexByManifest(keys, manifest)
        : indexOf(keys)
    if (index.images > 0) return index
    throw new InputError({ file: records, problem: 'no record of an image can be read' })
  }

  /** A file that ends between two records is sound by itself. */
  async #missing(images: number, description: DatasetDescription | undefined): Promise<Loss> {
    const counter = description === undefined ? 'the header record' : 'dataset.json'
    const { size } = await stat(this.#files.records)
    return { offset: size, bytes: 0, reason: `${counter} counts ${images} images more than there are` }
  }

  /** One that cannot be read says nothing of the records. */
  async #readDescription(): Promise<DatasetDescription | undefined> {
    const path = this.#files.description
    if (path === undefined) return undefined
    try {
      return await readDescription(path)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      this.#context.log.warn(error.message)
      return undefined
    }
  }

  #strictError({ count, bytes, shown }: LostList): StrictError {
    const { offset, reason } = shown[0]!
    return new StrictError(
      `${count} places of ${this.#files.records} are lost (${bytes} bytes), and --strict was given: nothing is written. The first, at offset ${offset}: ${reason}`,
    )
  }
}
