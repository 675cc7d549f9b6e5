import { join, resolve } from 'node:path'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { readWholeFile } from '../../io/index.js'
import { freezeImages, type ImageInput, imageInputOf } from '../image-input.js'
import { cachePlaces, freezeModel, type ModelInput, modelInputOf } from '../model-input.js'
import { defineStage } from '../stage.js'
import { type EmbedOptions, embedOptions } from './options.js'
import { publishEmbeddings } from './publish.js'
import { COUNTS, type EmbedCounts, embedIntoFile } from './work.js'

/** All images: the engine's threads are its own, and what is done lies in the cache. */
export interface EmbedShard {
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

  async plan(options) {
    const { folder, files = [] } = cachePlaces(options.embeddings, options.datasets)
    const shard: EmbedShard = {
      output: resolve(options.output),
      model: await freezeModel(options.model, options),
      images: await freezeImages(options.input, options.datasets),
      cache: { folder, files },
    }
    return {
      stage: 'embed',
      fingerprint: hashToHex(xxh64(Buffer.from(JSON.stringify(shard)))),
      options,
      output: { path: shard.output, kind: 'file' },
      shards: [shard],
    }
  },

  work: embedIntoFile,

  async finish({ output }, _results, context) {
    const counts = JSON.parse((await readWholeFile(join(context.scratch, COUNTS))).toString('utf8'))
    return publishEmbeddings(output.path, counts as EmbedCounts, context)
  },

  describe({ images, computed, embeddingSize, skipped, skippedList }) {
    const count = (number: number) => number.toLocaleString('en-US')
    return [
      `${count(images)} embeddings of ${embeddingSize} numbers: ${count(computed)} computed, ${count(images - computed)} known (${count(skipped)} skipped)`,
      ...(skippedList === undefined ? [] : [`skipped images, with the reasons: ${skippedList}`]),
    ]
  },
})
