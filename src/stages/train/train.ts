import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { locateDataset, resolveDataset } from '../../dataset/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { readWholeFile, shortPath, writeFileAtomically } from '../../io/index.js'
import {
  describeWeights,
  findValTargets,
  initPlaces,
  isWeightsFile,
  runTraining,
  type TrainingConfig,
  type TrainingSummary,
  type ValTarget,
  valTargetPlaces,
} from '../../training/index.js'
import { defineStage, type Input } from '../stage.js'
import { resolveConfig, type TrainOptions, trainOptions } from './train-options.js'

/** The whole run: it cannot be cut, and its threads are its own. */
interface TrainShard {
  config: TrainingConfig
  /** What of the config file has no effect. */
  notices: string[]
  /** What the config file asks for and the run will not do. */
  warnings: string[]
  /** Folder or `.rec` file behind all links, so that a dataset published meanwhile changes nothing. */
  dataset: string
  valTargets: ValTarget[]
  /** Absolute. */
  init?: string
  /** Absolute. */
  output: string
}

const SUMMARY = 'summary.json'

/** `facedata train`: a config and a dataset become a run with checkpoints, a log and a model. */
export const train = defineStage<TrainOptions, TrainShard, TrainingSummary>({
  name: 'train',
  summary: 'train a face-recognition network on a dataset and export it to ONNX',
  options: trainOptions,

  async inputs(options) {
    const { config, directory } = resolveConfig(options)
    const dataset = await locateDataset(config.dataset, options.datasets)
    const bins = config.val_targets.map((name): Input => {
      const places = valTargetPlaces(name, { dataset, config: directory })
      return { path: places.find((place) => existsSync(place)) ?? resolve(name), kind: 'file' }
    })
    const init = initOf(config, directory)
    return [
      { path: dataset, kind: 'dataset' },
      ...bins,
      ...(init === undefined ? [] : [{ path: init, kind: isWeightsFile(init) ? 'file' : 'run' } as const]),
    ]
  },

  output(options) {
    return { path: resolve(resolveConfig(options).config.output), kind: 'run' }
  },

  /** The config as resolved: another comment in its file, or another order of keys, trains the same. */
  settings: (options) => resolveConfig(options).config,
  measures: ['accuracy'],
  wholeMachine: true,

  async plan(options) {
    const { config, directory, notices, warnings } = resolveConfig(options)
    const dataset = await realpath(await resolveDataset(config.dataset, options.datasets))
    const valTargets = findValTargets(config.val_targets, { dataset, config: directory })
    const init = initOf(config, directory)
    const shard: TrainShard = {
      config,
      notices,
      warnings,
      dataset,
      valTargets,
      ...(init === undefined ? {} : { init }),
      output: resolve(config.output),
    }
    return {
      stage: 'train',
      fingerprint: hashToHex(xxh64(Buffer.from(JSON.stringify(shard)))),
      options,
      output: { path: shard.output, kind: 'run' },
      shards: [shard],
    }
  },

  async work(shard, { log, signal, jobs, replace, scratch, approve }) {
    for (const notice of shard.notices) log.info(notice)
    for (const warning of shard.warnings) log.warn(warning)
    const summary = await runTraining({ ...shard, log, signal, replace, threads: jobs, approve })
    const text = Buffer.from(JSON.stringify(summary))
    await writeFileAtomically(join(scratch, SUMMARY), text)
    return {
      files: [{ path: SUMMARY, bytes: text.length, xxh64: hashToHex(xxh64(text)) }],
      done: summary.steps * shard.config.batch_size,
      skipped: 0,
    }
  },

  async finish(_plan, _results, { scratch }) {
    return JSON.parse((await readWholeFile(join(scratch, SUMMARY))).toString('utf8')) as TrainingSummary
  },

  describe({ model, weights, steps, highest }) {
    const scores = Object.entries(highest).map(
      ([target, accuracy]) => `${target}: highest accuracy ${accuracy.toFixed(5)}`,
    )
    return [`trained ${steps} steps`, ...scores, `${shortPath(model)}: ${describeWeights(weights)}`]
  },
})

/** Where the weights to begin with stand, or would. A run that goes on does without them. */
function initOf({ init }: TrainingConfig, directory: string): string | undefined {
  if (init === undefined) return undefined
  const places = initPlaces(init, directory)
  return places.find((place) => existsSync(place)) ?? places[0]
}
