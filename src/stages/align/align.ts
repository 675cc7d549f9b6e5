import { join, resolve } from 'node:path'
import { NETWORK_FILES } from '../../alignment/index.js'
import { defineStage } from '../stage.js'
import { type AlignOptions, alignOptions, faceSourceOf } from './options.js'
import { planAlign } from './plan.js'
import { type AlignResult, publishAligned } from './publish.js'
import type { AlignShard } from './shard.js'
import { alignPhotos } from './work.js'

/**
 * Photos become aligned images, one a photo, by the similarity transform that brings the five landmarks of the most
 * central face nearest to ArcFace's template. Folders and names stay. `landmarks.tsv` says which face was taken, and can
 * be given back; every photo that is not there is a line of `skipped.jsonl`.
 */
export const align = defineStage<AlignOptions, AlignShard, AlignResult>({
  name: 'align',
  summary: "bring the faces of photos to ArcFace's template, 112x112",
  options: alignOptions,

  async inputs(options) {
    const source = faceSourceOf(options)
    const files =
      source.kind === 'landmarks' ? [source.file] : NETWORK_FILES.map((name) => join(source.folder, name))
    return [
      { path: resolve(options.folder), kind: 'folder' },
      ...files.map((path) => ({ path, kind: 'file' as const })),
    ]
  },

  output({ output }) {
    return { path: resolve(output), kind: 'folder' }
  },

  measures: ['images'],

  inShards: true,
  stopsItself: true,
  plan: planAlign,
  filesOf: ({ folder, folders }) =>
    folders.map(({ relativePath, names }) => ({ path: join(folder, relativePath), names })),
  work: alignPhotos,
  finish: async (plan, _results, context) => publishAligned(plan, context),

  describe({ photos, aligned, severalFaces, skipped }) {
    const text = (count: number) => count.toLocaleString('en-US')
    return [
      `aligned ${text(aligned)} of ${text(photos)} photos (${text(skipped)} skipped)`,
      ...(severalFaces === 0
        ? []
        : [`${text(severalFaces)} photos have several faces: the most central one was taken`]),
      ...(skipped === 0 ? [] : ['skipped photos, with the reasons: skipped.jsonl']),
    ]
  },
})
