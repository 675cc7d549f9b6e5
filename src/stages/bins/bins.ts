import { basename, dirname, join, resolve } from 'node:path'
import { locateDataset } from '../../dataset/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { readWholeFile } from '../../io/index.js'
import { defineStage, type FolderFiles, type Plan } from '../stage.js'
import { type ExtractedBin, publishExtracted, workOnExtract } from './extract.js'
import { type BinsOptions, binsOptions, modeOf } from './options.js'
import { planFromDataset } from './plan-dataset.js'
import { planFromList } from './plan-list.js'
import { publishBin, type WrittenBin } from './publish.js'
import type { BinsShard, DatasetShard, ListShard } from './shard.js'
import { workOnDataset, workOnList } from './work.js'

export type BinsResult = WrittenBin | ExtractedBin

/** `facedata bins`: pairs of images become a verification bin, or a bin becomes images and a pair list. */
export const bins = defineStage<BinsOptions, BinsShard, BinsResult>({
  name: 'bins',
  summary: 'make a verification bin from a pair list or a dataset, or extract one',
  options: binsOptions,

  async inputs(options) {
    const mode = modeOf(options)
    if (mode.kind === 'extract') return [{ path: resolve(mode.bin), kind: 'file' }]
    if (mode.kind === 'from') {
      return [{ path: await locateDataset(mode.dataset, options.datasets), kind: 'dataset' }]
    }
    return [
      { path: resolve(mode.pairs), kind: 'file' },
      { path: resolve(mode.images), kind: 'folder' },
    ]
  },

  output(options) {
    return { path: resolve(options.output), kind: modeOf(options).kind === 'extract' ? 'folder' : 'file' }
  },

  measures: ['pairs', 'images'],

  inShards: true,
  async plan(options, shards, cut) {
    const mode = modeOf(options)
    if (mode.kind === 'pairs') return planFromList(options, mode, shards, cut)
    if (mode.kind === 'from') return planFromDataset(options, mode, shards, cut)
    return planExtract(options, resolve(mode.bin))
  },

  filesOf: (shard) => (shard.kind === 'list' ? filesOfPairs(shard) : []),

  work(shard, context) {
    if (shard.kind === 'list') return workOnList(shard, context)
    if (shard.kind === 'dataset') return workOnDataset(shard, context)
    return workOnExtract(shard, context)
  },

  async finish({ shards }, _results, context) {
    const [first] = shards
    if (first?.kind === 'extract') return publishExtracted(first, context)
    return publishBin(shards as (ListShard | DatasetShard)[], context)
  },

  describe(result) {
    if (result.kind === 'extracted') {
      const { folder, pairList, pairs, images } = result
      return [
        `extracted ${images} images of ${pairs} pairs`,
        `back to a bin: facedata bins --pairs ${pairList} --images ${folder} --pass-through -o X.bin`,
      ]
    }
    const { pairs, same, different, folds, foldOrigin, skipped, skippedList, otherExtensions, selfPairs } =
      result
    const origins = { list: '', contiguous: ' (contiguous)', stratified: ' (stratified)' }
    const inFolds = foldOrigin === undefined ? 'no folds' : `${folds} folds${origins[foldOrigin]}`
    return [
      `${pairs} pairs (${same} same, ${different} different), ${inFolds}; ${skipped} pairs skipped`,
      ...(skippedList === undefined ? [] : [`skipped pairs, with the reasons: ${skippedList}`]),
      ...(otherExtensions === 0
        ? []
        : [`${otherExtensions} images were found under another extension than the list says`]),
      ...(selfPairs === 0
        ? []
        : [`${selfPairs} pairs are of an image with itself: every model gets them right`]),
    ]
  },
})

function filesOfPairs({ folder, pairs }: ListShard): FolderFiles[] {
  const names = pairs.flatMap(({ images, missing }) => (missing === undefined ? images : []))
  return names.map((name) => ({ path: join(folder, dirname(name)), names: [basename(name)] }))
}

async function planExtract(options: BinsOptions, bin: string): Promise<Plan<BinsShard>> {
  const output = resolve(options.output)
  const stamp = hashToHex(xxh64(await readWholeFile(bin, 2 ** 31 - 1)))
  return {
    stage: 'bins',
    fingerprint: hashToHex(xxh64(Buffer.from(JSON.stringify({ bin, output, stamp })))),
    options,
    output: { path: output, kind: 'folder' },
    shards: [{ kind: 'extract', output, bin }],
  }
}
