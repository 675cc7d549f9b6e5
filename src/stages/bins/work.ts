import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Dataset } from '../../dataset/index.js'
import { type Outcome, packFile } from '../pack/convert.js'
import type { ShardResult, StageContext } from '../stage.js'
import { PartWriter } from './part.js'
import type { DatasetShard, ListShard } from './shard.js'

/** Pairs after which progress is told and the event loop gets a turn, for signals. */
const PAIRS_PER_TURN = 32

/** Reads and converts the listed images. A pair with an image that cannot be read is left out, and said so. */
export async function workOnList(shard: ListShard, context: StageContext): Promise<ShardResult> {
  return writePart(shard, context, async (index, part) => {
    const pair = shard.pairs[index]!
    if (pair.missing !== undefined) return part.skip(pair, pair.missing)
    const outcomes: Outcome[] = []
    for (const name of pair.images) outcomes.push(await packFile(join(shard.folder, name), shard.conversion))
    const [first, second] = outcomes.map((outcome) => ('image' in outcome ? outcome.image.bytes : undefined))
    if (first !== undefined && second !== undefined) return part.write(pair, first, second)
    const reasons = outcomes.flatMap((outcome, i) =>
      outcome.kind === 'skipped' ? [`${pair.images[i]}: ${outcome.reason}`] : [],
    )
    part.skip(pair, [...new Set(reasons)].join('; '))
  })
}

/** Takes the images from the dataset as they are stored there. */
export async function workOnDataset(shard: DatasetShard, context: StageContext): Promise<ShardResult> {
  const dataset = await Dataset.open(shard.dataset)
  try {
    return await writePart(shard, context, async (index, part) => {
      const [first, second] = shard.positions[index]!
      const images = [await dataset.image(first), await dataset.image(second)] as const
      await part.write(shard.pairs[index]!, images[0].bytes, images[1].bytes)
    })
  } finally {
    await dataset.close()
  }
}

async function writePart(
  { number, pairs }: ListShard | DatasetShard,
  { scratch, progress, signal }: StageContext,
  write: (index: number, part: PartWriter) => Promise<void>,
): Promise<ShardResult> {
  const part = await PartWriter.create(scratch, number)
  try {
    for (let index = 0; index < pairs.length; index++) {
      await write(index, part)
      if ((index + 1) % PAIRS_PER_TURN !== 0) continue
      progress.advance(PAIRS_PER_TURN, { skipped: part.takeSkipped() })
      await setImmediate()
      signal.throwIfAborted()
    }
    progress.advance(pairs.length % PAIRS_PER_TURN, { skipped: part.takeSkipped() })
    return await part.finish()
  } catch (error) {
    await part.discard()
    throw error
  }
}
