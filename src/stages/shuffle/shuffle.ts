import { join } from 'node:path'
import { z } from 'zod'
import {
  checkCapacity,
  locateDataset,
  publishDataset,
  readDescription,
  resolveDataset,
  resolveOutputDataset,
} from '../../dataset/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { datasetsOption, option } from '../common-options.js'
import { freezeDataset } from '../dataset-input.js'
import { nameOfDataset } from '../dataset-name.js'
import { defineStage, type Output } from '../stage.js'
import { writtenFiles } from '../written-dataset.js'
import { type ShuffleShard, writeShuffled } from './write-shuffled.js'

const options = z.object({
  dataset: option(z.string().min(1), {
    description: 'the dataset, by name or path',
    argument: 'DATASET',
    positional: true,
  }),
  output: option(z.string().min(1).optional(), {
    description: 'dataset to write, by name or path (default: NAME-shuffled)',
    argument: 'DATASET',
    short: 'o',
  }),
  datasets: datasetsOption,
  seed: option(z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0), {
    description: 'other seeds make other orders',
    argument: 'S',
  }),
})

type ShuffleOptions = z.infer<typeof options>

export interface ShuffleResult {
  /** Absolute path of the dataset. */
  output: string
  fingerprint: string
  images: number
  identities: number
  /** Records that the index of the dataset does not name: listed in `skipped.jsonl`. */
  skipped: number
}

/** Folder of the written dataset in the scratch folder. */
const WRITTEN = 'dataset'

/**
 * The images of a dataset in random order, every order as likely as any other, in the im2rec dialect: for readers that
 * take records as they come. Labels, identities and image bytes stay.
 */
export const shuffle = defineStage<ShuffleOptions, ShuffleShard, ShuffleResult>({
  name: 'shuffle',
  summary: 'write the images of a dataset in random order',
  options,

  async inputs({ dataset, datasets }) {
    return [{ path: await locateDataset(dataset, datasets), kind: 'dataset' }]
  },

  output: outputOf,
  measures: ['images', 'identities'],

  async plan(given) {
    const output = outputOf(given)
    const input = await freezeDataset(await resolveDataset(given.dataset, given.datasets))
    checkCapacity('im2rec', input.images, input.identities)
    const shard = { output: output.path, input, seed: given.seed }
    return {
      stage: 'shuffle',
      fingerprint: hashToHex(xxh64(Buffer.from(JSON.stringify(shard)))),
      options: given,
      output,
      shards: [shard],
    }
  },

  async work(shard, context) {
    const description = await writeShuffled(shard, join(context.scratch, WRITTEN), context)
    return {
      files: writtenFiles(WRITTEN, description),
      done: description.images,
      skipped: description.skipped,
    }
  },

  async finish({ output }, _results, { scratch, strict, replace, approve }) {
    const folder = join(scratch, WRITTEN)
    const description = await readDescription(join(folder, 'dataset.json'))
    await publishDataset({ folder, description }, output.path, { strict, replace, approve })
    const { fingerprint, images, identities, skipped } = description
    return { output: output.path, fingerprint, images, identities, skipped }
  },

  describe({ images, identities, skipped }) {
    const [count, people, left] = [images, identities, skipped].map((n) => n.toLocaleString('en-US'))
    return [`shuffled ${count} images of ${people} identities (${left} skipped)`]
  },
})

function outputOf({ dataset, output, datasets }: ShuffleOptions): Output {
  return {
    path: resolveOutputDataset(output ?? `${nameOfDataset(dataset)}-shuffled`, datasets),
    kind: 'dataset',
  }
}
