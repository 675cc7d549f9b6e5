import { basename } from 'node:path'
import {
  type Dataset,
  type DatasetDescription,
  DatasetWriter,
  type DerivedSources,
  derivedSource,
  derivedSources,
  describedBatches,
  type WrittenDialect,
} from '../../dataset/index.js'
import type { IdentityMatch } from '../../identities/index.js'
import { closeDatasets, type DatasetInput, reopenDatasets } from '../dataset-input.js'
import type { ImageShare } from '../image-shares.js'
import { KeptLabels } from '../kept-labels.js'
import type { Leaving } from '../leaving/describe.js'
import {
  describedLeaving,
  type LeavingPlan,
  leftOut,
  type PeopleToLeave,
  peopleToLeave,
} from '../leaving/people-to-leave.js'
import { unindexedRecords, warnOfMissingPaths } from '../left-out.js'
import type { StageContext } from '../stage.js'
import { type InputBatch, inLabelOrder } from './label-order.js'
import { describeMatching, type FoundMatches, matchIdentities, type PlannedMatching } from './matching.js'
import { mergedLabels } from './merged-labels.js'
import { namedInputs } from './named-inputs.js'

/**
 * On one machine the whole merge is one shard: copying is bound by the disk, and an offset depends on every record before
 * it. On a cluster shards read, check and embed the images of the inputs, and `finish` decides and copies.
 */
export interface MergeShard {
  /** Images to prepare; missing on one machine, where they are read once, while they are copied. */
  shares?: ImageShare[]
  output: string
  dialect: WrittenDialect
  inputs: DatasetInput[]
  /** The dataset of --labels-from; missing where all labels are new. */
  previous?: DatasetInput
  /** Who leaves. */
  leaving: LeavingPlan
  /** Missing where every identity stays by itself. */
  matching?: PlannedMatching
}

export interface WrittenMerge {
  description: DatasetDescription
  /** Who left; undefined where nobody was to leave. */
  leaving: Leaving | undefined
  matches: IdentityMatch[]
}

/** Writes the merged dataset into `folder`. @throws InputError, OutputError, UsageError; the reason of the signal */
export async function writeMerged(
  shard: MergeShard,
  folder: string,
  context: StageContext,
): Promise<WrittenMerge> {
  const inputs = await reopenDatasets(shard.inputs)
  try {
    const derived = await derivedSources(inputs)
    const kept = await readKeptLabels(shard.previous)
    const left = await peopleToLeave(inputs, shard.leaving, context)
    const { matches, model } = await findMatched(shard, inputs, context)
    const merged = await mergedLabels(inputs, derived, kept, left, matches)
    const writer = await DatasetWriter.create(folder, {
      name: basename(shard.output),
      dialect: shard.dialect,
      height: inputs[0]!.height,
      width: inputs[0]!.width,
      sources: derived.sources,
      stage: 'merge',
      // None that had no effect, so that the same content has the same fingerprint, night after night.
      options: {
        dialect: shard.dialect,
        ...(kept === undefined || merged.inOrder ? {} : { 'labels-from': kept.dataset }),
        ...describedLeaving(shard.leaving),
        ...describeMatching(shard.matching, model),
      },
    })
    try {
      for (const identity of merged.identities) writer.addIdentity(identity)
      const { labels, reasons } = merged
      const copy = { inputs, derived, labels, reasons, dialect: shard.dialect }
      await copyImages(writer, copy, context)
      return { description: (await writer.finish()).description, leaving: left.leaving, matches }
    } catch (error) {
      await writer.discard()
      throw error
    }
  } finally {
    await closeDatasets(inputs)
  }
}

async function findMatched(
  { matching }: MergeShard,
  inputs: Dataset[],
  context: StageContext,
): Promise<FoundMatches> {
  if (matching === undefined) return { matches: [] }
  return matchIdentities(matching, inputs, await namedInputs(inputs), context)
}

/** @throws InputError where the dataset changed since the plan */
async function readKeptLabels(previous: DatasetInput | undefined): Promise<KeptLabels | undefined> {
  if (previous === undefined) return undefined
  const [dataset] = await reopenDatasets([previous])
  try {
    return await KeptLabels.of(dataset!)
  } finally {
    await dataset!.close()
  }
}

interface CopyPlan {
  inputs: Dataset[]
  derived: DerivedSources
  /** By input and label: -1 for one that is left out, for the reason that stands there. */
  labels: Int32Array[]
  reasons: PeopleToLeave['reasons']
  dialect: WrittenDialect
}

async function copyImages(
  writer: DatasetWriter,
  { inputs, derived, labels, reasons, dialect }: CopyPlan,
  { progress, log, signal }: StageContext,
): Promise<void> {
  const total = inputs.reduce((sum, { imageCount }) => sum + imageCount, 0)
  progress.start('merge', total, 'images')
  const withoutPath = inputs.map(() => 0)
  const batches = dialect === 'insightface' ? inLabelOrder(inputs, labels, signal) : oneByOne(inputs, signal)
  for await (const { input: i, images } of batches) {
    const input = inputs[i]!
    let skipped = 0
    for (const image of images) {
      if (image.path === '') withoutPath[i]!++
      image.source = derivedSource(input, derived.first[i]!, image.source)
      const reason = reasons[i]!.get(image.label)
      if (reason === undefined) writer.addImage({ ...image, label: labels[i]![image.label]! })
      else {
        writer.skip(leftOut(image, derived.sources[image.source]!.name, reason))
        skipped++
      }
    }
    await writer.ready()
    progress.advance(images.length, { skipped })
  }
  for (const [i, input] of inputs.entries()) {
    await input.checkUnchanged()
    warnOfMissingPaths(input, withoutPath[i]!, log)
    for (const record of unindexedRecords(input, log)) writer.skip(record)
  }
}

/** The images of one input after another, as they stand. */
async function* oneByOne(inputs: Dataset[], signal: AbortSignal): AsyncGenerator<InputBatch> {
  for (const [input, dataset] of inputs.entries()) {
    for await (const images of describedBatches(dataset, signal)) yield { input, images }
  }
}
