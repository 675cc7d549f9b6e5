import { stat } from 'node:fs/promises'
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
import { Random } from '../../random/random.js'
import { closeDatasets, type DatasetInput, reopenDatasets } from '../dataset-input.js'
import { unindexedRecords, warnOfMissingPaths } from '../left-out.js'
import type { StageContext } from '../stage.js'
import { Buckets } from './buckets.js'

/** The whole is one shard: it is bound by the disk, and an offset depends on every record before it. */
export interface ShuffleShard {
  output: string
  input: DatasetInput
  seed: number
}

/** Writes the shuffled dataset into `folder`. @throws InputError, OutputError; the reason of the signal */
export async function writeShuffled(
  { output, input: planned, seed }: ShuffleShard,
  folder: string,
  context: StageContext,
): Promise<DatasetDescription> {
  const [input] = await reopenDatasets([planned])
  try {
    const { sources, first } = await derivedSources([input!])
    const { height, width } = input!
    const writer = await DatasetWriter.create(folder, {
      name: basename(output),
      dialect: 'im2rec',
      height,
      width,
      sources,
      stage: 'shuffle',
      options: { seed },
    })
    try {
      for (const identity of await derivedIdentities(input!, first[0]!)) writer.addIdentity(identity)
      await copyShuffled(writer, input!, first[0]!, seed, context)
      return (await writer.finish()).description
    } catch (error) {
      await writer.discard()
      throw error
    }
  } finally {
    await closeDatasets([input!])
  }
}

async function copyShuffled(
  writer: DatasetWriter,
  input: Dataset,
  firstSource: number,
  seed: number,
  { scratch, progress, log, signal }: StageContext,
): Promise<void> {
  const ranks = randomRanks(input.imageCount, seed)
  const { size } = await stat(input.files.records)
  const buckets = await Buckets.create(join(scratch, 'buckets'), input.imageCount, size)
  try {
    progress.start('reading', input.imageCount, 'images')
    let position = 0
    let withoutPath = 0
    for await (const images of describedBatches(input, signal)) {
      for (const image of images) {
        if (image.path === '') withoutPath++
        image.source = derivedSource(input, firstSource, image.source)
        buckets.add(ranks[position++]!, image)
      }
      await buckets.ready()
      progress.advance(images.length)
    }
    warnOfMissingPaths(input, withoutPath, log)
    for (const record of unindexedRecords(input, log)) writer.skip(record)
    progress.start('shuffling', input.imageCount, 'images')
    for await (const images of buckets.inOrder()) {
      signal.throwIfAborted()
      for (const image of images) writer.addImage(image)
      if (writer.behind) await writer.ready()
      progress.advance(images.length)
    }
  } finally {
    await buckets.remove()
  }
}

/** Places in the new order by position: `pack --shuffle` of the same images and seed has the same order. */
function randomRanks(count: number, seed: number): Uint32Array {
  const order = new Random(seed).shuffle(new Uint32Array(count).map((_, position) => position))
  const ranks = new Uint32Array(count)
  for (const [rank, position] of order.entries()) ranks[position] = rank
  return ranks
}
