import { resolve } from 'node:path'
import type { ImageRange } from '../../dataset/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { freezeImages, type ImageInput, imageInputOf } from '../image-input.js'
import { cutImages } from '../image-shares.js'
import { cachePlaces, freezeModel, type ModelInput, modelInputOf } from '../model-input.js'
import { defineStage } from '../stage.js'
import { type EmbedOptions, embedOptions } from './options.js'
import { publishEmbeddings } from './publish.js'
import { type EmbedCounts, embedIntoFile } from './work.js'

/** What a shard writes: a change makes shards of earlier versions unusable. */
const PART_FORMAT = 2

/** A contiguous range of the images; on one machine all: the engine's threads are its own. */
export interface EmbedShard {
  number: number
  range: ImageRange
  output: string
  model: ModelInput
  images: ImageInput
  cache: { folder: string; files: string[] }
}

export interface EmbedResult extends EmbedCounts {
  /** Absolute path of the file. */
  output: string
  /** File that lists the images without an embedding; undefined where there are none. */
  skippedList: string | undefined
}

/** `facedata embed`: an embedding for each image of a dataset, a folder or a bin. */
export const embed = defineStage<EmbedOptions, EmbedShard, EmbedResult>({
  name: 'embed',
  summary: 'write the embedding of every image to an Arrow file; no image is embedded twice',
  options: embedOptions,

  async inputs({ model, input, datasets }) {
    return [await modelInputOf(model), await imageInputOf(input, datasets)]
  },

  output: ({ output }) => ({ path: resolve(output), kind: 'file' }),

  measures: ['images'],

  inShards: true,
  async plan(options, shards, cut) {
    const { folder, files = [] } = cachePlaces(options.embeddings, options.datasets)
    const whole = {
      output: resolve(options.output),
      model: await freezeModel(options.model, options),
      images: await freezeImages(options.input, options.datasets),
      cache: { folder, files },
    }
    return {
      stage: 'embed',
      fingerprint: hashToHex(xxh64(Buffer.from(JSON.stringify({ PART_FORMAT, ...whole })))),
      options,
      output: { path: whole.output, kind: 'file' },
      amount: { phase: 'embedding', total: whole.images.images, unit: 'images' },
      shards: cutImages([whole.images.images], cut === 'as-asked' ? shards : 1).map(([share], number) => ({
        number,
        range: { first: share?.first ?? 0, end: share?.end ?? 0 },
        ...whole,
      })),
    }
  },

  work: embedIntoFile,

  finish: ({ output, shards }, _results, context) => publishEmbeddings(output.path, shards, context),

  describe({ images, computed, embeddingSize, skipped, skippedList }) {
    const count = (number: number) => number.toLocaleString('en-US')
    return [
      `${count(images)} embeddings of ${embeddingSize} numbers: ${count(computed)} computed, ${count(images - computed)} known (${count(skipped)} skipped)`,
      ...(skippedList === undefined ? [] : [`skipped images, with the reasons: ${skippedList}`]),
    ]
  },
})
