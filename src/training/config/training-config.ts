import { z } from 'zod'
import { marginSchema } from '../../network/index.js'
import { augmentationSchema } from './augmentation-config.js'
import { networkSchema } from './network.js'

const positive = z.number().positive()
const count = z.number().int().min(1)

/**
 * A training config. Names, meanings and defaults are those of upstream's configs (`recognition/arcface_torch/configs`);
 * the last group is ours.
 */
export const trainingConfigSchema = z
  .strictObject({
    dataset: z
      .string({ error: 'the name or path of a dataset is needed' })
      .describe("Name of a dataset in the datasets folder, or a path. Upstream's name of it is rec."),
    margin_list: z
      .tuple([z.number(), z.number(), z.number()])
      .default([1, 0.5, 0])
      .describe(
        'Margins [m1, m2, m3]: [1, 0.5, 0] is ArcFace, [1, 0, 0.4] CosFace. With m3 above 0, m1 and m2 are not used.',
      ),
    head: marginSchema
      .optional()
      .describe(
        'Margin by name, in the place of margin_list: {name: adaface, m: 0.4, h: 0.333, t_alpha: 0.01}.',
      ),
    network: networkSchema
      .default('mbf')
      .describe('Backbone: a name, or an object with a name and what differs from it.'),
    embedding_size: count.default(512).describe('Numbers in an embedding.'),
    sample_rate: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe(
        'Part of the class centres that a step compares with and updates (PartialFC); 1 is the full softmax. ' +
          'No fewer than the images of a step.',
      ),
    interclass_filtering_threshold: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe('Logits of other classes above this cosine become 0; 0 filters nothing.'),
    optimizer: z.enum(['sgd', 'adamw']).default('sgd').describe('How parameters are updated, as in PyTorch.'),
    lr: positive.default(0.1).describe('Highest learning rate; it falls linearly to 0 over the run.'),
    momentum: z.number().min(0).lt(1).default(0.9).describe('Momentum of SGD; AdamW does not use it.'),
    weight_decay: z.number().min(0).default(5e-4).describe('Weight decay of every trained parameter.'),
    batch_size: z
      .number()
      .int()
      .min(2)
      .default(128)
      .describe('Images in a batch. BatchNorm needs two at least.'),
    gradient_acc: count
      .default(1)
      .describe('Batches whose gradients are added up, not averaged, before parameters are updated.'),
    num_epoch: count.default(20).describe('Times that a run goes through all images.'),
    warmup_epoch: z
      .number()
      .int()
      .min(-1)
      // Upstream's schedule makes -1, which one of its configs has, the same as 0.
      .overwrite((epochs) => Math.max(0, epochs))
      .default(0)
      .describe('Epochs in which the learning rate rises linearly from 0.'),
    verbose: count.default(2000).describe('Steps between verifications.'),
    frequent: count.default(10).describe('Steps between lines of the log.'),
    val_targets: z
      .array(z.string())
      .default([])
      .describe(
        "Verification bins, by name or path: looked for in the dataset's folder, beside the config, then as a path.",
      ),
    fp16: z
      .boolean()
      .default(false)
      .describe(
        'Mixed precision where the provider has float16: convolutions in float16, their gradients kept in its range by a ' +
          'loss scale; float32 elsewhere.',
      ),
    seed: z.number().int().min(0).default(2048).describe('Seed of all that is drawn at random.'),
    num_workers: count.default(2).describe('Threads that decode images.'),
    resume: z.boolean().default(false).describe('Go on at the last checkpoint of the output.'),
    output: z
      .string()
      .describe(
        'Folder of the run: checkpoints, log.jsonl and model.onnx. By default runs/ and the name of the config.',
      ),
    num_classes: z
      .number()
      .optional()
      .describe("Ignored: the number of classes is the dataset's. A number that differs is warned about."),
    num_image: z
      .number()
      .optional()
      .describe("Ignored: the number of images is the dataset's. A number that differs is warned about."),

    init: z
      .string()
      .optional()
      .describe(
        "Weights that training begins with: a backbone's .safetensors, arcface_torch's model.pt or " +
          'checkpoint_gpu_0.pt, or the folder of a run. A path, or beside the config. A run that goes on ignores it.',
      ),
    max_steps: z
      .number()
      .int()
      .min(0)
      .optional()
      .describe(
        'Stops after so many steps; the schedule stays as it is. 0 gives the network as it was initialised.',
      ),
    keep_checkpoints: count.default(2).describe('Checkpoints that are kept, the latest ones.'),
    engine: z
      .enum(['auto', 'onnxruntime', 'tensorflow'])
      .default('auto')
      .describe('What runs the steps: auto is tensorflow where it sees a CUDA GPU, else onnxruntime.'),
    provider: z
      .enum(['auto', 'cpu', 'webgpu', 'cuda'])
      .default('auto')
      .describe(
        'Where the engine runs: cpu, webgpu (any GPU, by Vulkan, Metal or Direct3D 12) or cuda; auto is a real GPU where one answers, else cpu.',
      ),
    margin_gradient: z
      .enum(['straight-through', 'exact'])
      .default('straight-through')
      .describe("Gradient of the ArcFace margin: straight-through as upstream's code today, or exact."),
    upstream_warmup: z
      .boolean()
      .default(false)
      .describe("Use the full learning rate in the first step of a warm-up, as upstream's schedule does."),
    save_steps: count
      .optional()
      .describe('Steps between checkpoints; one is also written at the end of each epoch and of the run.'),
    augmentation: augmentationSchema,
  })
  .refine((config) => config.warmup_epoch <= config.num_epoch, {
    path: ['warmup_epoch'],
    error: 'is longer than num_epoch',
  })

export type TrainingConfig = z.output<typeof trainingConfigSchema>
