import { UsageError } from '../errors/index.js'
import type { AnyStage } from './stage.js'

/**
 * Every stage by its name. Loaded when asked for: a shard that packs images has no need of the training engine, and
 * `--help` of none.
 */
const loaders: Record<string, () => Promise<AnyStage>> = {
  synth: async () => (await import('./synth/synth.js')).synth,
  align: async () => (await import('./align/align.js')).align,
  pack: async () => (await import('./pack/pack.js')).pack,
  merge: async () => (await import('./merge/merge.js')).merge,
  clean: async () => (await import('./clean/clean.js')).clean,
  split: async () => (await import('./split/split.js')).split,
  shuffle: async () => (await import('./shuffle/shuffle.js')).shuffle,
  unpack: async () => (await import('./unpack/unpack.js')).unpack,
  bins: async () => (await import('./bins/bins.js')).bins,
  embed: async () => (await import('./embed/embed.js')).embed,
  train: async () => (await import('./train/train.js')).train,
  evaluate: async () => (await import('./evaluate/evaluate.js')).evaluate,
  export: async () => (await import('./export/export.js')).exportStage,
  report: async () => (await import('./report/report.js')).report,
}

/** Reads and publishes nothing but a report: a command of its own, and a stage where it is cut into shards. */
const inspectionLoaders: Record<string, () => Promise<AnyStage>> = {
  verify: async () => (await import('./verify/verify.js')).verifyStage,
}

/** The work of a stage by itself, for threads that have no need of its options and its plan. */
const workLoaders: Record<string, () => Promise<AnyStage['work']>> = {
  pack: async () => (await import('./pack/work.js')).workOnFiles,
}

/** In the order of the road from photos to a model. */
export const stageNames: string[] = Object.keys(loaders)

/** Those and the inspections that a plan can be made of. */
export const plannedNames: string[] = [...stageNames, ...Object.keys(inspectionLoaders)]

/** @throws UsageError that lists the stages there are */
export async function loadStage(name: string): Promise<AnyStage> {
  const loader = loaders[name] ?? inspectionLoaders[name]
  if (loader === undefined) {
    throw new UsageError(`there is no stage "${name}". Stages: ${stageNames.join(', ')}`)
  }
  return loader()
}

/** What a thread runs of a stage. @throws UsageError as `loadStage` */
export async function loadWork(name: string): Promise<AnyStage['work']> {
  const loader = workLoaders[name]
  if (loader !== undefined) return loader()
  const stage = await loadStage(name)
  return stage.work.bind(stage)
}
