import { join, resolve } from 'node:path'
import { type RuleName, ruleNames, ruleOf } from '../../curation/index.js'
import { locateDataset, readDescription, resolveDataset } from '../../dataset/index.js'
import type { CachePlaces } from '../../embeddings/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { readWholeFile, shortPath } from '../../io/index.js'
import { shellWord } from '../../terminal/index.js'
import { type DatasetInput, freezeDataset } from '../dataset-input.js'
import { cutImages, type ImageShare } from '../image-shares.js'
import { describeLeaving } from '../leaving/describe.js'
import { type FrozenFile, freezeFile } from '../leaving/name-list.js'
import { type LeavingPlan, leavingInputs, planLeaving } from '../leaving/people-to-leave.js'
import { publishWithoutPeople } from '../leaving/publish.js'
import { cachePlaces, freezeModel, type ModelInput, modelInputOf } from '../model-input.js'
import { publishFolder } from '../published-folder.js'
import { defineStage, type Plan } from '../stage.js'
import {
  type ChosenRule,
  type CleanOptions,
  chosenRules,
  cleanOptions,
  cleanOutput,
  hasPeopleToLeave,
} from './options.js'
import { type CleanCounts, COUNTS, cleanDataset, measureShare, REPORT, WRITTEN } from './work.js'

/**
 * On one machine the whole is one shard: copies are sought among all images. On a cluster shards measure and embed the
 * images, and `finish` decides and writes.
 */
export interface CleanShard {
  /** Images to measure, and the number of the shard; missing on one machine. */
  share?: ImageShare
  number?: number
  /** Absolute. */
  output: string
  dryRun: boolean
  input: DatasetInput
  rules: ChosenRule[]
  model?: ModelInput
  cache: CachePlaces
  /** An edited report. */
  review?: FrozenFile
  /** Who leaves. */
  leaving: LeavingPlan
}

export interface CleanResult extends CleanCounts {
  /** Absolute path of the dataset, or of the folder of the report. */
  output: string
  dryRun: boolean
  /** Rules that did not look because there was no model. */
  unused: RuleName[]
  /** Of the dataset; missing for a report. */
  fingerprint?: string
}

/**
 * Finds images that harm training, each by a rule with its threshold, and writes a dataset without them; or, as a dry
 * run, a report that can be edited and given back. What is left out stands in `skipped.jsonl` with the reason.
 */
export const clean = defineStage<CleanOptions, CleanShard, CleanResult>({
  name: 'clean',
  summary: 'leave out wrong people, copies and poor photos, or report them',
  options: cleanOptions,

  async inputs(options) {
    const { dataset, datasets, model, review } = options
    return [
      { path: await locateDataset(dataset, datasets), kind: 'dataset' },
      ...(model === undefined ? [] : [await modelInputOf(model)]),
      ...(review === undefined ? [] : [{ path: resolve(review), kind: 'file' as const }]),
      ...(await leavingInputs(options, datasets)),
    ]
  },

  output: cleanOutput,
  measures: ['images', 'identities'],

  inShards: true,
  async plan(options, count, cut) {
    const output = cleanOutput(options)
    const { model, review, embeddings, datasets } = options
    const rules = chosenRules(options)
    const shard: CleanShard = {
      output: output.path,
      dryRun: options['dry-run'],
      input: await freezeDataset(await resolveDataset(options.dataset, datasets)),
      rules,
      cache: cachePlaces(embeddings, datasets),
      ...(model !== undefined && rules.length > 0 && { model: await freezeModel(model, options) }),
      ...(review !== undefined && { review: await freezeFile(review) }),
      leaving: await planLeaving(options, output.path),
    }
    return {
      stage: 'clean',
      fingerprint: hashToHex(xxh64(Buffer.from(JSON.stringify(shard)))),
      options,
      output,
      ...(cut === 'as-asked' ? inShares(shard, count) : { shards: [shard] }),
    }
  },

  work: (shard, context) => (isShare(shard) ? measureShare(shard, context) : cleanDataset(shard, context)),

  async finish({ options: planned, shards, output }, _results, context) {
    const { scratch, strict, replace, log, approve } = context
    const [first] = shards as [CleanShard]
    const { dryRun, rules, review } = first
    if (isShare(first)) {
      await cleanDataset(
        first,
        context,
        shards.map(({ number }) => number!),
      )
    }
    const counts = JSON.parse((await readWholeFile(join(scratch, COUNTS))).toString('utf8')) as CleanCounts
    const looked = new Set(rules.map(({ name }) => name))
    const { rules: named } = planned as CleanOptions
    const byDefault =
      review === undefined && named === undefined && !hasPeopleToLeave(planned as CleanOptions)
    const unused = byDefault ? ruleNames.filter((name) => ruleOf(name).needsModel && !looked.has(name)) : []
    const result = { output: output.path, dryRun, ...counts, unused }
    if (dryRun) {
      approve?.({})
      await publishFolder(join(scratch, REPORT), output.path, 'clean')
      return result
    }
    if (unused.length > 0) log.warn(withoutModel(unused))
    const folder = join(scratch, WRITTEN)
    const description = await readDescription(join(folder, 'dataset.json'))
    const options = { strict, replace, approve }
    await publishWithoutPeople({ folder, description }, output.path, options, counts.leaving)
    return { ...result, fingerprint: description.fingerprint }
  },

  describe({
    dryRun,
    images,
    identities,
    dropped,
    split,
    leftIdentities,
    listed,
    found,
    unused,
    leaving,
    output,
  }) {
    const text = (count: number) => count.toLocaleString('en-US')
    const first = dryRun
      ? `found ${text(listed)} of ${text(images)} images of ${text(identities)} identities`
      : `kept ${text(images)} images of ${text(identities)} identities (${text(dropped)} skipped)`
    const lines = Object.entries(found).map(
      ([name, count]) => `${name}: ${text(count)} (${ruleOf(name as RuleName).summary})`,
    )
    if (split > 0) lines.push(`${text(split)} images are split off as identities of their own`)
    if (leftIdentities > 0) lines.push(`identities without an image left: ${text(leftIdentities)}`)
    if (unused.length > 0) lines.push(withoutModel(unused))
    if (leaving !== undefined) lines.push(...describeLeaving(leaving))
    if (dryRun) {
      const report = shellWord(shortPath(join(output, 'report.csv')))
      lines.push(`edit the column action of ${report}, then: facedata clean DATASET --review ${report}`)
    }
    return [first, ...lines]
  },
})

function isShare(shard: CleanShard): shard is CleanShard & { share: ImageShare } {
  return shard.share !== undefined
}

function inShares(shard: CleanShard, count: number): Pick<Plan<CleanShard>, 'shards' | 'amount'> {
  const { images } = shard.input
  return {
    amount: { phase: 'measuring', total: images, unit: 'images' },
    shards: cutImages([images], count).map(([share], number) => ({ ...shard, share: share!, number })),
  }
}

function withoutModel(rules: RuleName[]): string {
  return `${rules.join(' and ')} did not look: they need --model`
}
