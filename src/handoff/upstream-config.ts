import { isDeepStrictEqual } from 'node:util'
import { UsageError } from '../errors/index.js'
import type { LoadedConfig, TrainingConfig } from '../training/index.js'
import { upstreamDefaults } from '../training/index.js'
import type { CheckedDataset } from './checked-dataset.js'
import { lostKeys } from './lost-keys.js'
import { upstreamMargin } from './upstream-margin.js'

/** A config as upstream's `train_v2.py` takes it. */
export interface UpstreamConfig {
  /** In the order in which they are written. */
  values: Record<string, unknown>
  /** What of the given config is otherwise there, in sentences. */
  lost: string[]
}

/**
 * The config for upstream: every key that its code reads, so that nothing depends on the `base.py` that is found there.
 * @param place.rec the folder of the dataset there
 * @param place.python whether the config is one of upstream: its output and its checkpoints are upstream's too
 * @throws UsageError where upstream has no such network or margin
 */
export function upstreamConfig(
  { config, ignored }: LoadedConfig,
  dataset: CheckedDataset,
  { rec, valTargets, python }: { rec: string; valTargets: string[]; python: boolean },
): UpstreamConfig {
  const lost = lostKeys(python ? { ...config, resume: false } : config)
  if (dataset.extraLabels) {
    lost.push(
      'images have several labels: Python 3.10 or later fails on them in its MXFaceDataset. ' +
        'facedata unpack and pack leave the first one alone',
    )
  }
  const dali = daliKeys(config, ignored, dataset, lost)
  const values = {
    margin_list: marginOf(config),
    network: networkOf(config),
    resume: python && config.resume,
    save_all_states: ignored['save_all_states'] ?? true,
    output: python ? config.output : null,
    embedding_size: config.embedding_size,
    sample_rate: config.sample_rate,
    interclass_filtering_threshold: config.interclass_filtering_threshold,
    fp16: config.fp16,
    batch_size: config.batch_size,
    optimizer: config.optimizer,
    lr: config.lr,
    momentum: config.momentum,
    weight_decay: config.weight_decay,
    verbose: config.verbose,
    frequent: config.frequent,
    ...dali,
    gradient_acc: config.gradient_acc,
    seed: config.seed,
    num_workers: config.num_workers,
    ...loggingKeys(ignored),
    rec,
    num_classes: dataset.classes,
    num_image: dataset.images,
    num_epoch: config.num_epoch,
    warmup_epoch: config.warmup_epoch,
    val_targets: valTargets,
  }
  return { values, lost }
}

function marginOf(config: TrainingConfig): [number, number, number] {
  const margin = upstreamMargin(config)
  if (margin !== undefined) return margin
  const asked = config.head === undefined ? `margin_list [${config.margin_list}]` : `head ${config.head.name}`
  throw new UsageError(
    `${asked}: arcface_torch has no such margin: ArcFace, [1, m2, 0], and CosFace, [m1, m2, m3] with m3 > 0, alone`,
  )
}

function networkOf({ network }: TrainingConfig): string {
  if (typeof network === 'string') return network
  const { name, ...sizes } = network
  if (Object.keys(sizes).length === 0) return name
  throw new UsageError(
    `network ${JSON.stringify(network)}: arcface_torch has networks by name alone, none with sizes of one's own`,
  )
}

/** DALI reads records in the im2rec dialect alone, and distorts images for upstream. */
function daliKeys(
  { augmentation }: TrainingConfig,
  ignored: Record<string, unknown>,
  { dialect }: CheckedDataset,
  lost: string[],
): { dali: boolean; dali_aug: boolean } {
  const distorts = augmentation === 'dali'
  if (!distorts && ignored['dali'] !== true) return { dali: false, dali_aug: false }
  if (dialect === 'im2rec') {
    const told = lost.findIndex((sentence) => sentence.startsWith('augmentation '))
    if (distorts) lost.splice(told, 1)
    return { dali: true, dali_aug: distorts }
  }
  lost.push(
    'dali is off: DALI cannot read records of the insightface dialect (facedata pack --dialect im2rec)',
  )
  return { dali: false, dali_aug: false }
}

/** Keys of Weights & Biases, where the config has its own. */
function loggingKeys(ignored: Record<string, unknown>): Record<string, unknown> {
  const others = new Set(['save_all_states', 'dali', 'dali_aug'])
  return Object.fromEntries(
    Object.entries(ignored).filter(
      ([key, value]) => !others.has(key) && !isDeepStrictEqual(value, upstreamDefaults[key]),
    ),
  )
}
