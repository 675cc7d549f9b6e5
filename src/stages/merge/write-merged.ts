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
import { closeDatasets, type DatasetInput, reopenDatasets } from '../dataset-input.js'
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
import { mergedLabels } from './merged-labels.js'

/** The whole merge is one shard: copying is bound by the disk, and an offset depends on every record before it. */
export interface MergeShard {
  output: string
  dialect: WrittenDialect
  inputs: DatasetInput[]
  /** The dataset of --labels-from; missing where all labels are new. */
  previous?: DatasetInput
  /** Who leaves. */
  leaving: LeavingPlan
}

export interface WrittenMerge {
  description: DatasetDescription
  /** Who left; undefined where nobody was to leave. */
  leaving: Leaving | undefined
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
    const { identities, labels, inOrder } = await mergedLabels(inputs, derived, kept, left)
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
        ...(inOrder ? {} : { 'labels-from': kept!.dataset }),
        ...describedLeaving(shard.leaving),
      },
    })
    try {
      for (const identity of identities) writer.addIdentity(identity)
      const copy = { inputs, derived, labels, reasons: left.reasons, dialect: shard.dialect }
      await copyImages(writer, copy, context)
      return { description: (await writer.finish()).description, leaving: left.leaving }
    } catch (error) {
      await writer.discard()
      throw error
    }
  } finally {
    await closeDatasets(inputs)
  }
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
  /** By input and label: -1 for one whose people leave, for the reason that stands there. */
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
  const batches =
    dialect === 'insightface' ? inLabelOrder(inputs, labels.map(dueLabels), signal) : oneByOne(inputs, signal)
  for await (const { input: i, images } of batches) {
    const input = inputs[i]!
    for (const image of images) {
      if (image.path === '') withoutPath[i]!++
      image.source = derivedSource(input, derived.first[i]!, image.source)
      const reason = reasons[i]!.get(image.label)
      if (reason === undefined) writer.addImage({ ...image, label: labels[i]![image.label]! })
      else writer.skip(leftOut(image, derived.sources[image.source]!.name, reason))
    }
    await writer.ready()
    progress.advance(images.length)
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

/** When images are due: those of people who leave with the people before them, so that the file is read in its order. */
function dueLabels(labels: Int32Array): Int32Array {
  let last = labels.find((label) => label !== -1) ?? 0
  return labels.map((label) => {
    if (label !== -1) last = label
    return last
  })
}
