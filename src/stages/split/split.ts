import { basename, join } from 'node:path'
import {
  type DatasetDescription,
  locateDataset,
  publishTogether,
  readDescription,
  resolveDataset,
} from '../../dataset/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { readWholeFile, writeFileAtomically } from '../../io/index.js'
import { freezeDataset } from '../dataset-input.js'
import { defineStage } from '../stage.js'
import { writtenFiles } from '../written-dataset.js'
import { amountOf, outputsOf, type SplitOptions, splitOptions } from './options.js'
import { PARTS, type SplitShard, writeParts } from './write-parts.js'

export interface SplitPart {
  /** Absolute path of the dataset. */
  output: string
  fingerprint: string
  images: number
  /** Those that have images in it. */
  identities: number
}

export interface SplitResult {
  /** The first part and the second. */
  parts: SplitPart[]
  /** By image: identities that could not be divided, whose images are all in the first part. */
  undivided: number
  /** Records that the index of the dataset does not name: listed in `skipped.jsonl` of the first part. */
  skipped: number
}

/** What the work tells the end, in the scratch folder. */
const COUNTS = 'counts.json'

/**
 * Two datasets from one. By identity nobody is in both, for validation without leakage: labels of each part are new,
 * 0 to n - 1, and `identities.arrow` says which they were. By image everybody is in both, with the same label, so that
 * a classifier can be validated.
 */
export const split = defineStage<SplitOptions, SplitShard, SplitResult>({
  name: 'split',
  summary: 'make two datasets of one, such as for training and validation',
  options: splitOptions,

  async inputs({ dataset, datasets }) {
    return [{ path: await locateDataset(dataset, datasets), kind: 'dataset' }]
  },

  output: outputsOf,
  measures: ['images', 'identities'],

  async plan(options) {
    const output = outputsOf(options)
    const input = await freezeDataset(await resolveDataset(options.dataset, options.datasets))
    const { by, seed } = options
    const outputs: [string, string] = [output.path, output.others[0]!]
    const shard = { outputs, input, by, amount: amountOf(options), seed }
    return {
      stage: 'split',
      fingerprint: hashToHex(xxh64(Buffer.from(JSON.stringify(shard)))),
      options,
      output,
      shards: [shard],
    }
  },

  async work(shard, context) {
    const { descriptions, undivided } = await writeParts(shard, context)
    const counts = Buffer.from(JSON.stringify({ undivided }))
    await writeFileAtomically(join(context.scratch, COUNTS), counts)
    return {
      files: [
        ...descriptions.flatMap((description, part) => writtenFiles(PARTS[part]!, description)),
        { path: COUNTS, bytes: counts.length, xxh64: hashToHex(xxh64(counts)) },
      ],
      done: sumOf(descriptions, 'images'),
      skipped: sumOf(descriptions, 'skipped'),
    }
  },

  async finish({ shards }, _results, { scratch, strict, replace, approve }) {
    const outputs = shards[0]!.outputs
    const descriptions: DatasetDescription[] = []
    for (const part of PARTS) descriptions.push(await readDescription(join(scratch, part, 'dataset.json')))
    const counts = JSON.parse((await readWholeFile(join(scratch, COUNTS))).toString('utf8')) as {
      undivided: number
    }
    await publishTogether(
      descriptions.map((description, part) => ({
        written: { folder: join(scratch, PARTS[part]!), description },
        output: outputs[part]!,
      })),
      { strict, replace, approve },
    )
    return {
      parts: descriptions.map(({ fingerprint, images, identities, emptyIdentities }, part) => ({
        output: outputs[part]!,
        fingerprint,
        images,
        identities: identities - emptyIdentities,
      })),
      ...counts,
      skipped: sumOf(descriptions, 'skipped'),
    }
  },

  describe({ parts, undivided, skipped }) {
    const images = parts.reduce((sum, part) => sum + part.images, 0)
    const lines = [
      `split ${text(images)} images into two datasets (${text(skipped)} skipped)`,
      ...parts.map(
        (part) =>
          `${basename(part.output)}: ${text(part.images)} images of ${text(part.identities)} identities`,
      ),
    ]
    if (undivided > 0) {
      lines.push(
        `${text(undivided)} identities have too few images to be divided: they are whole in ${basename(parts[0]!.output)}`,
      )
    }
    return lines
  },
})

function sumOf(descriptions: DatasetDescription[], count: 'images' | 'skipped'): number {
  return descriptions.reduce((sum, description) => sum + description[count], 0)
}

function text(count: number): string {
  return count.toLocaleString('en-US')
}
