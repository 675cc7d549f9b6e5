import { join, resolve } from 'node:path'
import { z } from 'zod'
import { FacedataError } from '../../errors/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { option } from '../common-options.js'
import { publishFolder } from '../published-folder.js'
import { defineStage } from '../stage.js'
import { type IdentityRange, renderIdentities } from './render-identities.js'

const synthOptions = z.object({
  output: option(z.string(), {
    description: 'the folder to write, with one folder an identity',
    argument: 'FOLDER',
    short: 'o',
  }),
  identities: option(z.number().int().min(1).max(99_999).default(100), {
    description: 'number of people',
    argument: 'N',
  }),
  images: option(z.number().int().min(1).max(9_999).default(12), {
    description: 'images of each of them',
    argument: 'M',
  }),
  seed: option(z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(1), {
    description: 'other seeds make other people',
    argument: 'S',
  }),
})

type SynthOptions = z.output<typeof synthOptions>

export interface SynthResult {
  output: string
  identities: number
  images: number
}

/** Folder of the rendered identities, below the scratch folder. */
const FACES = 'faces'

/** `facedata synth`: a folder of synthetic faces, nobody's photos, to try the other stages on. */
export const synth = defineStage<SynthOptions, IdentityRange, SynthResult>({
  name: 'synth',
  summary: 'render a folder of synthetic faces',
  options: synthOptions,

  async inputs() {
    return []
  },

  output({ output }) {
    return { path: resolve(output), kind: 'folder' }
  },

  measures: ['images', 'identities'],

  inShards: true,
  async plan(options, wished) {
    const output = resolve(options.output)
    const { identities, images, seed } = options
    const count = Math.min(wished, identities)
    const shards = Array.from({ length: count }, (_, shard): IdentityRange => {
      const first = Math.floor((identities * shard) / count)
      const end = Math.floor((identities * (shard + 1)) / count)
      return { first, end, images, seed }
    })
    return {
      stage: 'synth',
      fingerprint: hashToHex(xxh64(Buffer.from(JSON.stringify([output, identities, images, seed])))),
      options,
      output: { path: output, kind: 'folder' },
      shards,
      amount: { phase: 'rendering', total: identities * images, unit: 'images' },
    }
  },

  async work(range, context) {
    return renderIdentities(range, FACES, context)
  },

  async finish({ output: { path }, shards }, results, { scratch, approve }) {
    const expected = shards.reduce((sum, { first, end, images }) => sum + (end - first) * images, 0)
    const done = results.reduce((sum, result) => sum + result.done, 0)
    if (done !== expected) {
      throw new FacedataError(
        `${path}: ${done} of ${expected} images were rendered: run the same command again`,
      )
    }
    const identities = shards.at(-1)!.end
    approve?.({ images: done, identities })
    await publishFolder(join(scratch, FACES), path, 'synth')
    return { output: path, identities, images: done }
  },

  describe({ identities, images }) {
    const [count, people] = [images.toLocaleString('en-US'), identities.toLocaleString('en-US')]
    return [`rendered ${count} images of ${people} identities`]
  },
})
