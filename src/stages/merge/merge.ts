import { join } from 'node:path'
import { z } from 'zod'
import { locateDataset, readDescription, resolveOutputDataset, writtenDialects } from '../../dataset/index.js'
import { UsageError } from '../../errors/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { readWholeFile, writeFileAtomically } from '../../io/index.js'
import { datasetsOption, labelsFromOption, leavingOptions, option } from '../common-options.js'
import { freezeDataset } from '../dataset-input.js'
import { nameOfDataset } from '../dataset-name.js'
import { describeEmpty, type EmptyLabel } from '../empty-labels.js'
import { describeFirstLabels, labelsInput, locateLabels } from '../kept-labels.js'
import { describeLeaving, type Leaving } from '../leaving/describe.js'
import { leavingInputs, planLeaving } from '../leaving/people-to-leave.js'
import { publishWithoutPeople } from '../leaving/publish.js'
import { modelInputOf } from '../model-input.js'
import { embeddingsOption, modelOptions } from '../model-options.js'
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
  ...leavingOptions,
  model: option(z.string().min(1).optional(), {
    description: 'face embedder, for --exclude by embeddings',
    argument: 'MODEL.onnx|RUN',
  }),
  embeddings: embeddingsOption,
  ...modelOptions,
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
  /** Missing where nobody was to leave. */
  leaving?: Leaving
}

/** In the scratch folder: the written dataset, and who left. */
const WRITTEN = 'dataset'
const LEAVING = 'leaving.json'

/**
 * Disjoint union: every identity of every input is one of the output, in the order of the inputs, unless it keeps a
 * label. Images are copied as they are; labels, keys and ids are new, labels after the first are kept.
 */
export const merge = defineStage<MergeOptions, MergeShard, MergeResult>({
  name: 'merge',
  summary: 'join datasets into one, every identity with a label of its own',
  options,

  async inputs(given) {
    const { inputs, datasets, 'labels-from': previous, model } = given
    const merged = inputs.map(async (input) => {
      return { path: await locateDataset(input, datasets), kind: 'dataset' as const }
    })
    const labels = await labelsInput({ previous, output: outputOf(given).path, datasets })
    return [
      ...(await Promise.all(merged)),
      ...labels,
      ...(model === undefined ? [] : [await modelInputOf(model)]),
      ...(await leavingInputs(given, datasets)),
    ]
  },

  output: outputOf,

  async plan(given) {
    if (given.model !== undefined && given.exclude === undefined) {
      throw new UsageError('--model has no effect without --exclude')
    }
    const output = outputOf(given)
    const inputs = await freezeInputs(given.inputs, given.datasets, given.dialect)
    const { 'labels-from': from, datasets } = given
    const labels = await locateLabels({ previous: from, output: output.path, datasets })
    const previous = labels && (await freezeDataset(labels))
    const leaving = await planLeaving(given, output.path)
    const shard = {
      output: output.path,
      dialect: given.dialect,
      inputs,
      leaving,
      ...(previous && { previous }),
    }
    return {
      stage: 'merge',
      fingerprint: hashToHex(xxh64(Buffer.from(JSON.stringify(shard)))),
      options: given,
      output,
      shards: [shard],
    }
  },

  async work(shard, context) {
    const { description, leaving } = await writeMerged(shard, join(context.scratch, WRITTEN), context)
    const left = Buffer.from(JSON.stringify(leaving ?? null))
    await writeFileAtomically(join(context.scratch, LEAVING), left)
    return {
      files: [
        ...writtenFiles(WRITTEN, description),
        { path: LEAVING, bytes: left.length, xxh64: hashToHex(xxh64(left)) },
      ],
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
    const text = (await readWholeFile(join(scratch, LEAVING))).toString('utf8')
    const leaving = (JSON.parse(text) as Leaving | null) ?? undefined
    await publishWithoutPeople({ folder, description }, output.path, { strict, replace }, leaving)
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
      ...(leaving && { leaving }),
    }
  },

  describe({ images, identities, skipped, emptyLabels, inputs, leaving }) {
    return [
      `merged ${inputs.length} datasets: ${holdings(images, identities)} (${skipped.toLocaleString('en-US')} skipped)`,
      ...inputs.map((input) => `${input.name}: ${holdings(input.images, input.identities)}`),
      ...(emptyLabels.length > 0 ? [describeEmpty(emptyLabels)] : []),
      ...(leaving === undefined ? [] : describeLeaving(leaving)),
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
