import { basename } from 'node:path'
import {
  type Dataset,
  type DatasetDescription,
  DatasetWriter,
  derivedIdentities,
  derivedSource,
  derivedSources,
  describedBatches,
  groupedBatches,
  type WrittenDialect,
} from '../../dataset/index.js'
import { InputError } from '../../errors/index.js'
import { closeDatasets, type DatasetInput, reopenDatasets } from '../dataset-input.js'
import { unindexedRecords, warnOfMissingPaths } from '../left-out.js'
import type { StageContext } from '../stage.js'

/** The whole merge is one shard: copying is bound by the disk, and an offset depends on every record before it. */
export interface MergeShard {
  output: string
  dialect: WrittenDialect
  inputs: DatasetInput[]
}

/** Writes the merged dataset into `folder`. @throws InputError, OutputError, UsageError; the reason of the signal */
export async function writeMerged(
  shard: MergeShard,
  folder: string,
  context: StageContext,
): Promise<DatasetDescription> {
  const inputs = await reopenDatasets(shard.inputs)
  try {
    const { sources, first } = await derivedSources(inputs)
    const writer = await DatasetWriter.create(folder, {
      name: basename(shard.output),
      dialect: shard.dialect,
      height: inputs[0]!.height,
      width: inputs[0]!.width,
      sources,
      stage: 'merge',
      options: { dialect: shard.dialect },
    })
    try {
      const total = inputs.reduce((sum, { imageCount }) => sum + imageCount, 0)
      context.progress.start('merge', total, 'images')
      for (const [i, input] of inputs.entries()) await copyInput(writer, input, first[i]!, shard, context)
      return (await writer.finish()).description
    } catch (error) {
      await writer.discard()
      throw error
    }
  } finally {
    await closeDatasets(inputs)
  }
}

async function copyInput(
  writer: DatasetWriter,
  input: Dataset,
  firstSource: number,
  { dialect }: MergeShard,
  { progress, log, signal }: StageContext,
): Promise<void> {
  const identities = await derivedIdentities(input, firstSource)
  const labels = identities.map((identity) => writer.addIdentity(identity))
  const batches = dialect === 'insightface' ? groupedBatches(input, signal) : describedBatches(input, signal)
  let lastLabel = 0
  let withoutPath = 0
  for await (const images of batches) {
    for (const image of images) {
      if (dialect === 'insightface' && image.label < lastLabel) throw outOfOrder(input, image, lastLabel)
      lastLabel = image.label
      if (image.path === '') withoutPath++
      image.label = labels[image.label]!
      image.source = derivedSource(input, firstSource, image.source)
      writer.addImage(image)
    }
    await writer.ready()
    progress.advance(images.length)
  }
  await input.checkUnchanged()
  warnOfMissingPaths(input, withoutPath, log)
  for (const record of unindexedRecords(input, log)) writer.skip(record)
}

function outOfOrder(input: Dataset, image: { key: number; offset: number; label: number }, before: number) {
  return new InputError({
    file: input.files.records,
    record: image.key,
    offset: image.offset,
    problem: 'the images are not in the order of labels, as the insightface dialect has them',
    expected: `label ${before} or above`,
    actual: image.label,
    fix: 'Merge with --dialect im2rec.',
  })
}
