import { basename } from 'node:path'
import { labelsInput } from '../kept-labels.js'
import { defineStage, type Input } from '../stage.js'
import { isArchiveName } from './input-names.js'
import { type PackOptions, packOptions } from './options.js'
import { inputPaths, outputDataset, planPack } from './plan.js'
import { describePack } from './result.js'

/**
 * Folders of photos become a dataset. A folder that directly holds images is an identity, named like the folder; its
 * label is its place in the order of names, by bytes, among the identities that keep images. Within an identity images
 * come by folder and name. An archive (zip, tar) is read like the folder that it would unpack to; in a WebDataset shard,
 * the label beside an image names its identity.
 *
 * Every image file becomes a record or a line of `skipped.jsonl`. An image file is one with an image's extension, or
 * without any and with an image's first bytes. Other files (lists, landmarks, Thumbs.db) and hidden ones are counted in
 * the result, not listed: they are no fault.
 */
export const pack = defineStage({
  name: 'pack',
  summary: 'make a dataset from photos, one folder a person, in folders, zips, tars or WebDataset shards',
  options: packOptions,
  inputs: inputsOf,
  output: (options) => ({ path: outputDataset(options), kind: 'dataset' }),
  measures: ['images', 'identities'],
  inShards: true,
  async plan(options, shards, cut) {
    const plan = await planPack(options, shards, cut)
    // It loads while threads work: Arrow alone takes as long as packing ten thousand aligned photos.
    import('./join.js').catch(() => {})
    return plan
  },
  threaded: true,
  filesOf: ({ folders }) =>
    folders.flatMap(({ path, names, archived }) =>
      archived === undefined ? [{ path, names: names.split('/') }] : [],
    ),
  isCurrent: async (shard, { scratch }) => (await import('./current-part.js')).isPartCurrent(shard, scratch),
  work: async (shard, context) => (await import('./work.js')).workOnFiles(shard, context),
  async finish(plan, results, context) {
    const output = plan.output.path
    const { archives } = plan.shards[0]!
    const sources = inputPaths(packOptions.parse(plan.options)).map((path, i) => ({
      kind: archives[i] === undefined ? ('folder' as const) : ('archive' as const),
      name: basename(path),
    }))
    const { joinParts } = await import('./join.js')
    return joinParts(plan, results, { name: basename(output), output, sources }, context)
  },
  describe: describePack,
})

async function inputsOf(options: PackOptions): Promise<Input[]> {
  const photos = inputPaths(options).map((path) => ({
    path,
    kind: isArchiveName(path) ? ('file' as const) : ('folder' as const),
  }))
  const { 'labels-from': previous, datasets } = options
  return [...photos, ...(await labelsInput({ previous, output: outputDataset(options), datasets }))]
}
