import { z } from 'zod'

/** Refuses a key of a later version by what this one does instead: nothing asked for is left out in silence. */
const notYet = (instead: string) => z.never({ error: `not in this version: ${instead}` }).optional()

const positive = z.number().positive()
const count = z.number().int().min(1)

const blocks = z.tuple([count, z.number().int().min(0), z.number().int().min(0), z.number().int().min(0)])

/** A name as upstream's, or MobileFaceNet with blocks a stage and a width of one's own. */
const networkSchema = z.union(
  [
    z.enum(['mbf', 'mbf_large']),
    z.strictObject({ name: z.literal('mbf'), blocks: blocks.optional(), scale: count.optional() }),
  ],
  {
    error:
      'expected mbf, mbf_large or {name: mbf, blocks: [1, 4, 6, 2], scale: 2}; this version has no other network',
  },
)

/**
 * A training config. Names, meanings and defaults are those of upstream's configs (`recognition/arcface_torch/configs`);
 * the last group is ours.
 */
export const trainingConfigSchema = z
  .strictObject({
    /** Name in the catalog or path; `rec` is read as well. */
    dataset: z.string({ error: 'the name or path of a dataset is needed' }),
    margin_list: z.tuple([z.number(), z.number(), z.number()]).default([1, 0.5, 0]),
    network: networkSchema.default('mbf'),
    embedding_size: count.default(512),
    sample_rate: z.literal(1, { error: 'only 1, the full head, in this version' }).default(1),
    interclass_filtering_threshold: z.number().min(0).max(1).default(0),
    optimizer: z.literal('sgd', { error: 'only sgd in this version' }).default('sgd'),
    lr: positive.default(0.1),
    momentum: z.number().min(0).lt(1).default(0.9),
    weight_decay: z.number().min(0).default(5e-4),
    /** BatchNorm needs two images at least. */
    batch_size: z.number().int().min(2).default(128),
    gradient_acc: z.literal(1, { error: 'only 1 in this version' }).default(1),
    num_epoch: count.default(20),
    warmup_epoch: z.number().int().min(0).default(0),
    /** Steps between verifications. */
    verbose: count.default(2000),
    /** Steps between lines of the log. */
    frequent: count.default(10),
    val_targets: z.array(z.string()).default([]),
    seed: z.number().int().min(0).default(2048),
    num_workers: count.default(2),
    resume: z.boolean().default(false),
    output: z.string(),
    num_classes: z.number().optional(),
    num_image: z.number().optional(),

    /** Stops after so many steps; the schedule stays as it is. 0 gives the network as it was initialised. */
    max_steps: z.number().int().min(0).optional(),
    keep_checkpoints: count.default(2),
    engine: z.enum(['auto', 'onnxruntime'], { error: 'only onnxruntime in this version' }).default('auto'),
    provider: z.enum(['auto', 'cpu', 'webgpu', 'cuda']).default('auto'),
    margin_gradient: z.enum(['straight-through', 'exact']).default('straight-through'),
    /** Upstream's schedule uses the full rate in the first step of a warm-up. */
    upstream_warmup: z.boolean().default(false),
    save_steps: notYet('a checkpoint is written at the end of each epoch and when a run is stopped'),
    augmentation: notYet('images are flipped at random, nothing else'),
  })
  .refine((config) => config.warmup_epoch <= config.num_epoch, {
    path: ['warmup_epoch'],
    error: 'is longer than num_epoch',
  })

export type TrainingConfig = z.output<typeof trainingConfigSchema>

/** Every key that has a meaning here. */
export const configKeys: readonly string[] = Object.keys(trainingConfigSchema.shape)

/** Keys of upstream that change nothing here, and why. */
const IGNORED: readonly [pattern: RegExp, reason: string][] = [
  [/^(dali|dali_aug)$/, 'images are decoded by worker threads'],
  [/^(using_wandb|wandb_.*|suffix_run_name|save_artifacts)$/, 'the log is log.jsonl'],
  [/^fp16$/, 'this version trains in float32'],
  [/^save_all_states$/, 'a checkpoint always holds everything'],
  [/^(num_classes|num_image)$/, 'both come from the dataset'],
]

/** Why a key has no effect; undefined where it has one. */
export function reasonIgnored(key: string): string | undefined {
  return IGNORED.find(([pattern]) => pattern.test(key))?.[1]
}
