import { isDeepStrictEqual } from 'node:util'
import { type TrainingConfig, trainingConfigSchema } from '../training/index.js'

/** Keys that a config for upstream has, and those that are told otherwise. */
const KEPT = new Set([
  'dataset',
  'margin_list',
  'head',
  'network',
  'embedding_size',
  'sample_rate',
  'interclass_filtering_threshold',
  'fp16',
  'optimizer',
  'lr',
  'weight_decay',
  'batch_size',
  'gradient_acc',
  'num_epoch',
  'warmup_epoch',
  'verbose',
  'frequent',
  'val_targets',
  'seed',
  'num_workers',
  'output',
  'num_classes',
  'num_image',
])

/** What upstream does in the place of a key. */
const INSTEAD: Partial<Record<string, string>> = {
  momentum: 'its SGD has momentum 0.9, whatever the config says',
  resume: 'it starts anew: checkpoints of facedata are not read there',
  init: 'it starts with weights drawn at random',
  max_steps: 'it trains for num_epoch epochs',
  save_steps: 'it writes a checkpoint at the end of each epoch',
  keep_checkpoints: 'it keeps one checkpoint for each GPU',
  margin_gradient: 'its ArcFace has the straight-through gradient',
  augmentation: 'images are flipped at random, nothing else',
}

/** Keys whose value is not the default and that upstream has no counterpart of, each in a sentence. */
export function lostKeys(config: TrainingConfig): string[] {
  const defaults = trainingConfigSchema.parse({ dataset: '', output: '' }) as Record<string, unknown>
  const lost = Object.entries(config)
    .filter(([key, value]) => !KEPT.has(key) && !isDeepStrictEqual(value, defaults[key]))
    .map(([key]) => `${key} has no counterpart there${INSTEAD[key] === undefined ? '' : `: ${INSTEAD[key]}`}`)
  if (config.warmup_epoch > 0 && !config.upstream_warmup) {
    lost.push('the first step of its warm-up is made at the full learning rate')
  }
  return lost
}
