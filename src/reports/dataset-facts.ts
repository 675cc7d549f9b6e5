import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import {
  Dataset,
  type DatasetDescription,
  type DatasetFiles,
  describeLost,
  findDatasetFiles,
  readDescription,
  type SkippedReason,
  type Source,
} from '../dataset/index.js'
import { InputError } from '../errors/index.js'
import type { Progress } from '../progress/progress.js'
import { type ContactSheet, drawContactSheet, type PhotoSource } from './contact-sheet.js'
import { type Distribution, distributionOf } from './distribution.js'
import { drawExamples, type RuleExamples } from './finding-examples.js'
import { type ImageTally, tallyImages, tallyReadable } from './image-tally.js'
import { type CleanReport, type Noise, noiseOfCleaned, noiseOfReport } from './noise.js'
import { ReadableImages } from './readable-images.js'
import { readSkippedFiles } from './skipped-files.js'

/** What a report says of a dataset. What could not be read is missing, and a fault says why. */
export interface DatasetFacts {
  name: string
  dialect: string | undefined
  images: number
  identities: number
  /** Images that could be read: distribution and tally are of these. */
  counted: number
  /** Labels that no image has; undefined where not all images could be read. */
  emptyIdentities: number | undefined
  /** Pixels; 0 where nothing tells. */
  width: number
  height: number
  description: DatasetDescription | undefined
  fingerprint: string | undefined
  sources: Source[]
  distribution: Distribution | undefined
  tally: Omit<ImageTally, 'imagesOf' | 'fault'> | undefined
  /** The most frequent first; without the names of people. */
  skipped: SkippedReason[] | undefined
  noise: Noise[]
  /** Of the reports of `clean` that are shown. */
  examples: RuleExamples[]
  /** Of all draws. */
  seed: number
  sheet: ContactSheet | undefined
  files: { name: string; bytes: number; xxh64: string | undefined }[]
  faults: string[]
}

export interface DatasetRequest {
  /** Absolute. */
  path: string
  /** Where `dataset.json` has none. */
  name: string
  /** Photos on the contact sheet, by a draw with this seed; 0 leaves out all photos. */
  photos: number
  seed: number
  /** Of `clean --dry-run`: those of this dataset are shown. */
  cleanReports: CleanReport[]
  signal: AbortSignal
  progress: Progress
}

/** Places with damage that are told one by one. */
const PLACES_TOLD = 10

/** Reads all that can be known of a dataset, damaged or not. @throws InputError where nothing can */
export async function gatherDataset(request: DatasetRequest): Promise<DatasetFacts> {
  const { path, cleanReports } = request
  const files = await findDatasetFiles(path)
  const faults = new Faults(files.folder)
  const description =
    files.description === undefined ? undefined : await faults.catch(readDescription(files.description))
  const read = await readImages(request, description !== undefined, faults)
  const dataset = read?.dataset
  try {
    const skipped = await faults.catch(readSkippedFiles(files.folder))
    const fingerprint = description?.fingerprint ?? (await dataset?.fingerprint())
    const reports = cleanReports.filter((report) => report.fingerprint === fingerprint)
    const cleaned = description && noiseOfCleaned(description, skipped)
    const { imagesOf, fault, ...tally } = read?.tally ?? {}
    const distribution = imagesOf && distributionOf(imagesOf)
    return {
      name: description?.name ?? request.name,
      dialect: description?.dialect ?? dataset?.dialect,
      images: description?.images ?? dataset?.imageCount ?? 0,
      identities: description?.identities ?? dataset?.identityCount ?? 0,
      counted: read?.tally.images ?? 0,
      emptyIdentities:
        imagesOf && distribution && fault === undefined
          ? imagesOf.length - distribution.identities
          : undefined,
      width: dataset?.width ?? description?.width ?? 0,
      height: dataset?.height ?? description?.height ?? 0,
      description,
      fingerprint,
      sources: description?.sources ?? [],
      distribution,
      tally: read && (tally as DatasetFacts['tally']),
      skipped,
      noise: [...reports.map(noiseOfReport), ...(cleaned === undefined ? [] : [cleaned])],
      examples: dataset ? await examplesOf(dataset, reports, request, faults) : [],
      seed: request.seed,
      sheet: read && imagesOf && (await drawSheet(read, imagesOf, request, faults)),
      files: await filesOf(files, description),
      faults: faults.messages,
    }
  } finally {
    await closeRead(read)
  }
}

/** What went wrong, without the folder of the dataset in each line. */
class Faults {
  readonly messages: string[] = []
  first: InputError | undefined
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  add(error: InputError): void {
    this.first ??= error
    this.say(error.message)
  }

  say(message: string): void {
    const short = message.replaceAll(`${this.#folder}/`, '')
    if (!this.messages.includes(short)) this.messages.push(short)
  }

  /** The value, or undefined where input data is at fault. */
  async catch<T>(value: Promise<T>): Promise<T | undefined> {
    try {
      return await value
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      this.add(error)
      return undefined
    }
  }
}

interface ReadImages {
  dataset: Dataset
  tally: ImageTally
  /** What could be read around damage; undefined where there is none, or the manifest told of the images. */
  readable?: ReadableImages
}

/**
 * The dataset as it describes itself; where that is damaged, its records alone, if they tell more. Undefined where
 * there is a description and nothing else that can be read. @throws InputError where nothing tells anything
 */
async function readImages(
  { path, signal, progress }: DatasetRequest,
  described: boolean,
  faults: Faults,
): Promise<ReadImages | undefined> {
  let best: ReadImages | undefined
  for (const open of [() => Dataset.open(path), () => Dataset.openRecords(path)]) {
    const dataset = await faults.catch(open())
    if (dataset === undefined) continue
    progress.start(`counting ${dataset.name}`, dataset.imageCount, 'images')
    const onImages = (images: number) => progress.advance(images)
    const read = await readAround(
      { dataset, tally: await tallyImages(dataset, { signal, onImages }) },
      signal,
    )
    const { fault } = read.tally
    if (read.readable === undefined && fault !== undefined) faults.add(fault)
    for (const line of describeLost(read.readable?.lost ?? [], PLACES_TOLD)) faults.say(line)
    const worse = best !== undefined && read.tally.images < best.tally.images
    await closeRead(worse ? read : best)
    if (!worse) best = read
    if (fault === undefined || dataset.description === undefined) break
  }
  if (best === undefined && !described) throw faults.first
  return best
}

/** Goes on behind damage, where records and an index tell more than the walk that it ended. */
async function readAround(read: ReadImages, signal: AbortSignal): Promise<ReadImages> {
  const { dataset, tally } = read
  const { fault } = tally
  if (fault === undefined || dataset.recordIndex === undefined) return read
  const readable = await ReadableImages.open(dataset, signal)
  const around = await tallyReadable(dataset, readable, { signal, onImages: () => {} })
  if (readable.lost.length > 0) return { dataset, readable, tally: { ...around, fault } }
  // What is wrong is none of the records.
  await readable.close()
  return read
}

async function closeRead(read: ReadImages | undefined): Promise<void> {
  await read?.readable?.close()
  await read?.dataset.close()
}

async function drawSheet(
  { dataset, readable }: ReadImages,
  imagesOf: Uint32Array,
  { photos, seed, progress }: DatasetRequest,
  faults: Faults,
): Promise<ContactSheet | undefined> {
  if (photos === 0) return undefined
  progress.start(`photos of ${dataset.name}`, photos, 'photos')
  const names = (await faults.catch(dataset.identityNames())) ?? []
  const onFault = (fault: InputError) => faults.add(fault)
  const source: PhotoSource = readable ?? dataset
  return faults.catch(drawContactSheet(source, imagesOf, { seed, most: photos, names, onFault }))
}

async function examplesOf(
  dataset: Dataset,
  reports: CleanReport[],
  { photos, seed }: DatasetRequest,
  faults: Faults,
): Promise<RuleExamples[]> {
  if (photos === 0) return []
  const onFault = (fault: InputError) => faults.add(fault)
  const examples: RuleExamples[] = []
  for (const { folder } of reports) {
    examples.push(...((await faults.catch(drawExamples(dataset, folder, { seed, onFault }))) ?? []))
  }
  return examples
}

/** The files that there are; hashes are those of `dataset.json`, of which `verify` tells whether they still hold. */
async function filesOf(
  found: DatasetFiles,
  description: DatasetDescription | undefined,
): Promise<DatasetFacts['files']> {
  const { folder, records, index, list, property, manifest, identities } = found
  const present = [records, index, list, property, manifest, identities].filter((path) => path !== undefined)
  const names = new Set([...present.map((path) => basename(path)), ...Object.keys(description?.files ?? {})])
  const files: DatasetFacts['files'] = []
  for (const name of names) {
    const size = await stat(join(folder, name)).then(
      (file) => file.size,
      () => undefined,
    )
    if (size !== undefined) files.push({ name, bytes: size, xxh64: description?.files[name]?.xxh64 })
  }
  return files
}
