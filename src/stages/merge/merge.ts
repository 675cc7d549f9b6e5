import { join } from 'node:path'
import { z } from 'zod'
import {
  locateDataset,
  publishDataset,
  readDescription,
  resolveOutputDataset,
  writtenDialects,
} from '../../dataset/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { datasetsOption, labelsFromOption, option } from '../common-options.js'
import { freezeDataset } from '../dataset-input.js'
import { nameOfDataset } from '../dataset-name.js'
import { describeEmpty, type EmptyLabel } from '../empty-labels.js'
import { describeFirstLabels, labelsInput, locateLabels } from '../kept-labels.js'
import { defineStage, type Output } from '../stage.js'
import { writtenFiles } from '../written-dataset.js'
import { freezeInputs } from './merge-inputs.js'
import { type MergeShard, writeMerged } from './write-merged.js'
import { emptyLabelsOf } from './written-labels.js'

const options = z.object({
  inputs: option(z.array(z.string()).min(2, 'two datasets or more are merged'), {
    description: 'datasets to merge, by name or path',
    argument: 'DATASET',
    positional: true,
  }),
  output: option(z.string().optional(), {
    description: "dataset to write, by name or path (default: the inputs' names joined by +)",
    argument: 'DATASET',
    short: 'o',
  }),
  datasets: datasetsOption,
  dialect: option(z.enum(writtenDialects).default('insightface'), {
    description: 'layout of the records: insightface (MXNet, arcface_torch) or im2rec (DALI too)',
    argument: 'DIALECT',
  }),
  'labels-from': labelsFromOption,
})

type MergeOptions = z.infer<typeof options>

export interface MergeResult {
  /** Absolute path of the dataset. */
  output: string
  fingerprint: string
  images: number
  identities: number
  /** Records that the index of their dataset does not name: listed in `skipped.jsonl`. */
  skipped: number
  /** Labels that no image has: their people left. */
  emptyLabels: EmptyLabel[]
  inputs: { name: string; images: number; identities: number }[]
}

/** Folder of the written dataset in the scratch folder. */
const WRITTEN = 'dataset'

/**
 * Disjoint union: every identity of every input is one of the output, in the order of the inputs, unless it keeps a
 * label. Images are copied as they are; labels, keys and ids are new, labels after the first are kept.
 */
export const merge = defineStage<MergeOptions, MergeShard, MergeResult>({
  name: 'merge',
  summary: 'join datasets into one, every identity with a label of its own',
  options,

  async inputs(given) {
    const { inputs, datasets, 'labels-from': previous } = given
    const merged = inputs.map(async (input) => {
      return { path: await locateDataset(input, datasets), kind: 'dataset' as const }
    })
    const labels = await labelsInput({ previous, output: outputOf(given).path, datasets })
    return [...(await Promise.all(merged)), ...labels]
  },

  output: outputOf,

  async plan(given) {
    const output = outputOf(given)
    const inputs = await freezeInputs(given.inputs, given.datasets, given.dialect)
    const { 'labels-from': from, datasets } = given
    const labels = await locateLabels({ previous: from, output: output.path, datasets })
    const previous = labels && (await freezeDataset(labels))
    const shard = { output: output.path, dialect: given.dialect, inputs, ...(previous && { previous }) }
    return {
      stage: 'merge',
      fingerprint: hashToHex(xxh64(Buffer.from(JSON.stringify(shard)))),
      options: given,
      output,
      shards: [shard],
    }
  },

  async work(shard, context) {
    const description = await writeMerged(shard, join(context.scratch, WRITTEN), context)
    return {
      files: writtenFiles(WRITTEN, description),
      done: description.images,
      skipped: description.skipped,
    }
  },

  async finish({ options: planned, output, shards }, _results, { scratch, strict, replace, log }) {
    const folder = join(scratch, WRITTEN)
    const description = await readDescription(join(folder, 'dataset.json'))
    const previous = (planned as MergeOptions)['labels-from']
    if (previous !== undefined && shards[0]!.previous === undefined) log.info(describeFirstLabels(previous))
    const emptyLabels = await emptyLabelsOf(folder, description)
    if (emptyLabels.length > 0) log.warn(describeEmpty(emptyLabels))
    await publishDataset({ folder, description }, output.path, { strict, replace })
    const { fingerprint, images, identities, skipped } = description
    const inputs = shards.flatMap((shard) => shard.inputs)
    return {
      output: output.path,
      fingerprint,
      images,
      identities,
      skipped,
      emptyLabels,
      inputs: inputs.map(({ name, images, identities }) => ({ name, images, identities })),
    }
  },

  describe({ images, identities, skipped, emptyLabels, inputs }) {
    return [
      `merged ${inputs.length} datasets: ${holdings(images, identities)} (${skipped.toLocaleString('en-US')} skipped)`,
      ...inputs.map((input) => `${input.name}: ${holdings(input.images, input.identities)}`),
      ...(emptyLabels.length > 0 ? [describeEmpty(emptyLabels)] : []),
    ]
  },
})

function outputOf({ inputs, output, datasets }: MergeOptions): Output {
  const name = output ?? inputs.map(nameOfDataset).join('+')
  return { path: resolveOutputDataset(name, datasets), kind: 'dataset' }
}

function holdings(images: number, identities: number): string {
  return `${images.toLocaleString('en-US')} images of ${identities.toLocaleString('en-US')} identities`
}
