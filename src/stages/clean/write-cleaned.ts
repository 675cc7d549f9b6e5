import { basename } from 'node:path'
import {
  type Dataset,
  type DatasetDescription,
  DatasetWriter,
  type DescribedImage,
  derivedIdentities,
  derivedSource,
  derivedSources,
  describedBatches,
  type NewImage,
} from '../../dataset/index.js'
import { UsageError } from '../../errors/index.js'
import { keptDialect } from '../kept-dialect.js'
import { unindexedRecords, warnOfMissingPaths } from '../left-out.js'
import type { StageContext } from '../stage.js'
import type { Decisions } from './decisions.js'
import { type KeptIdentities, keptIdentities } from './kept-identities.js'

/** Writes what is kept of a dataset into `folder`. @throws UsageError where nothing is; InputError, OutputError */
export async function writeCleaned(
  input: Dataset,
  decisions: Decisions,
  { folder, output, options }: { folder: string; output: string; options: unknown },
  context: StageContext,
): Promise<DatasetDescription> {
  const { sources, first } = await derivedSources([input])
  const found = await derivedIdentities(input, first[0]!)
  const kept = keptIdentities(found, await input.labels(), decisions)
  if (kept.identities.length === 0) {
    throw new UsageError(`no image of ${input.name} would be left. Nothing is written`)
  }
  const dialect = await keptDialect(input)
  const writer = await DatasetWriter.create(folder, {
    name: basename(output),
    dialect,
    height: input.height,
    width: input.width,
    sources,
    stage: 'clean',
    options,
  })
  try {
    for (const identity of kept.identities) writer.addIdentity(identity)
    const copy = new CleanedCopy(writer, kept, dialect === 'insightface')
    await copyImages(copy, writer, input, { decisions, first: first[0]!, sources }, context)
    return (await writer.finish()).description
  } catch (error) {
    await writer.discard()
    throw error
  }
}

/** Adds images under their new labels. */
class CleanedCopy {
  readonly #writer: DatasetWriter
  readonly #kept: KeptIdentities
  readonly #grouped: boolean
  /** Images that are split off the identity at hand: where images come by identity, they come behind its own. */
  #waiting: NewImage[] = []
  #label = -1

  constructor(writer: DatasetWriter, kept: KeptIdentities, grouped: boolean) {
    this.#writer = writer
    this.#kept = kept
    this.#grouped = grouped
  }

  add(image: DescribedImage, split: boolean): void {
    if (image.label !== this.#label) this.flush()
    this.#label = image.label
    const label = (split ? this.#kept.splitLabels : this.#kept.labels)[image.label]!
    if (split && this.#grouped) {
      // The bytes of a batch are gone with it.
      this.#waiting.push({ ...image, label, bytes: image.bytes.slice() })
    } else this.#writer.addImage({ ...image, label })
  }

  /** Adds the images that wait. */
  flush(): void {
    for (const image of this.#waiting) this.#writer.addImage(image)
    this.#waiting = []
  }
}

interface CopyPlan {
  decisions: Decisions
  /** Position of the input's first source among those of the output. */
  first: number
  sources: { name: string }[]
}

async function copyImages(
  copy: CleanedCopy,
  writer: DatasetWriter,
  input: Dataset,
  { decisions, first, sources }: CopyPlan,
  { progress, log, signal }: StageContext,
): Promise<void> {
  progress.start('writing', input.imageCount, 'images')
  let position = 0
  let withoutPath = 0
  for await (const images of describedBatches(input, signal)) {
    let skipped = 0
    for (const image of images) {
      if (image.path === '') withoutPath++
      image.source = derivedSource(input, first, image.source)
      const decision = decisions.get(position++)
      if (decision?.action === 'drop') {
        const reason = `${decision.reason} (key ${image.key} of ${input.name})`
        const path = decision.unnamed ? '' : image.path
        writer.skip({ source: sources[image.source]!.name, path, reason })
        skipped++
      } else copy.add(image, decision !== undefined)
    }
    await writer.ready()
    progress.advance(images.length, { skipped })
  }
  copy.flush()
  warnOfMissingPaths(input, withoutPath, log)
  for (const record of unindexedRecords(input, log)) writer.skip(record)
}
