import { join, resolve } from 'node:path'
import { z } from 'zod'
import { locateDataset, resolveDataset } from '../../dataset/index.js'
import { StrictError } from '../../errors/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { readWholeFile } from '../../io/index.js'
import { datasetsOption, option } from '../common-options.js'
import { freezeDataset } from '../dataset-input.js'
import { publishFolder } from '../published-folder.js'
import { defineStage } from '../stage.js'
import { COUNTS, FOLDER, type UnpackCounts, type UnpackShard, writeImages } from './write-images.js'

const options = z.object({
  dataset: option(z.string().min(1), {
    description: 'the dataset, by name or path',
    argument: 'DATASET',
    positional: true,
  }),
  output: option(z.string().min(1), {
    description: 'the folder to write, with one folder an identity',
    argument: 'FOLDER',
    short: 'o',
  }),
  datasets: datasetsOption,
})

type UnpackOptions = z.infer<typeof options>

export interface UnpackResult extends UnpackCounts {
  /** Absolute path of the folder. */
  output: string
  /** Records that the index of the dataset does not name: listed in `skipped.jsonl`. */
  skipped: number
}

/**
 * The images of a dataset as files, byte for byte: FOLDER/identity/file, named as they were. Packing the folder again
 * gives the dataset that `pack` made of such a folder. `images.lst` lists key, label and path of each.
 */
export const unpack = defineStage<UnpackOptions, UnpackShard, UnpackResult>({
  name: 'unpack',
  summary: 'write the images of a dataset as files, one folder a person',
  options,

  async inputs({ dataset, datasets }) {
    return [{ path: await locateDataset(dataset, datasets), kind: 'dataset' }]
  },

  output({ output }) {
    return { path: resolve(output), kind: 'folder' }
  },

  measures: ['images', 'identities'],

  async plan(given) {
    const output = resolve(given.output)
    const input = await freezeDataset(await resolveDataset(given.dataset, given.datasets))
    const shard = { output, input }
    return {
      stage: 'unpack',
      fingerprint: hashToHex(xxh64(Buffer.from(JSON.stringify(shard)))),
      options: given,
      output: { path: output, kind: 'folder' },
      shards: [shard],
    }
  },

  work: writeImages,

  async finish({ output }, results, { scratch, strict, approve }) {
    const skipped = results.reduce((sum, result) => sum + result.skipped, 0)
    if (strict && skipped > 0) {
      throw new StrictError(
        `${skipped} records skipped, and --strict was given: nothing is published. See ${join(scratch, FOLDER, 'skipped.jsonl')}`,
      )
    }
    const counts = JSON.parse((await readWholeFile(join(scratch, COUNTS))).toString('utf8')) as UnpackCounts
    approve?.({ images: counts.images, identities: counts.identities })
    await publishFolder(join(scratch, FOLDER), output.path, 'unpack')
    return { output: output.path, ...counts, skipped }
  },

  describe({ images, identities, changedNames, skipped }) {
    const text = (count: number) => count.toLocaleString('en-US')
    const counts = `unpacked ${text(images)} images of ${text(identities)} identities (${text(skipped)} skipped)`
    return changedNames === 0
      ? [counts]
      : [counts, `${text(changedNames)} names could not stay as they were, or are not known: see images.lst`]
  },
})
