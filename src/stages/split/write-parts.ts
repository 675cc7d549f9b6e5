import { basename, join } from 'node:path'
import {
  type Dataset,
  type DatasetDescription,
  DatasetWriter,
  derivedIdentities,
  derivedSource,
  derivedSources,
  describedBatches,
} from '../../dataset/index.js'
import { closeDatasets, type DatasetInput, reopenDatasets } from '../dataset-input.js'
import { keptDialect } from '../kept-dialect.js'
import { unindexedRecords, warnOfMissingPaths } from '../left-out.js'
import type { StageContext } from '../stage.js'
import type { Amount } from './draw.js'
import { drawParts, type Parts, type SplitUnit } from './parts.js'

/** The whole is one shard: it is bound by the disk, and an offset depends on every record before it. */
export interface SplitShard {
  /** Absolute paths of the first and the second part. */
  outputs: [string, string]
  input: DatasetInput
  by: SplitUnit
  amount: Amount
  seed: number
}

/** Folders of the parts, below the scratch folder. */
export const PARTS = ['first', 'second'] as const

export interface WrittenParts {
  descriptions: DatasetDescription[]
  /** See `Parts`. */
  undivided: number
}

/** Writes both parts in one walk. @throws UsageError, InputError, OutputError; the reason of the signal */
export async function writeParts(shard: SplitShard, context: StageContext): Promise<WrittenParts> {
  const [input] = await reopenDatasets([shard.input])
  const writers: DatasetWriter[] = []
  try {
    const parts = await drawParts(input!, shard.by, shard.amount, shard.seed)
    const { sources, first } = await derivedSources([input!])
    const dialect = await keptDialect(input!)
    for (const [part, folder] of PARTS.entries()) {
      writers.push(
        await DatasetWriter.create(join(context.scratch, folder), {
          name: basename(shard.outputs[part]!),
          dialect,
          height: input!.height,
          width: input!.width,
          sources,
          stage: 'split',
          options: { by: shard.by, ...shard.amount, seed: shard.seed, part: folder },
        }),
      )
    }
    await copyImages(writers, input!, first[0]!, parts, context)
    const descriptions: DatasetDescription[] = []
    for (const writer of writers) descriptions.push((await writer.finish()).description)
    return { descriptions, undivided: parts.undivided }
  } catch (error) {
    for (const writer of writers) await writer.discard()
    throw error
  } finally {
    await closeDatasets([input!])
  }
}

async function copyImages(
  writers: DatasetWriter[],
  input: Dataset,
  firstSource: number,
  parts: Parts,
  { progress, log, signal }: StageContext,
): Promise<void> {
  const identities = await derivedIdentities(input, firstSource)
  const labels = writers.map((writer, part) =>
    Int32Array.from(identities, (identity, label) =>
      parts.hasIdentity(part, label) ? writer.addIdentity(identity) : -1,
    ),
  )
  progress.start('splitting', input.imageCount, 'images')
  let position = 0
  let withoutPath = 0
  for await (const images of describedBatches(input, signal)) {
    for (const image of images) {
      if (image.path === '') withoutPath++
      const part = parts.partOf(position++, image.label)
      image.label = labels[part]![image.label]!
      image.source = derivedSource(input, firstSource, image.source)
      writers[part]!.addImage(image)
    }
    for (const writer of writers) await writer.ready()
    progress.advance(images.length)
  }
  warnOfMissingPaths(input, withoutPath, log)
  for (const record of unindexedRecords(input, log)) writers[0]!.skip(record)
}
