import { z } from 'zod'
import { datasetsOption, option } from '../common-options.js'
import { modelOptions } from '../model-options.js'

export const evaluateOptions = z.object({
  model: option(z.string().min(1), {
    description:
      'face embedder, the folder of a training run that holds model.onnx, or weights as facedata export takes them',
    argument: 'MODEL.onnx|RUN|FILE.pt',
    positional: true,
  }),
  inputs: option(z.array(z.string().min(1)).min(1, 'at least one bin is needed'), {
    description: 'verification bins: paths, or files in the datasets folder; .bin may be left out',
    argument: 'BIN',
    positional: true,
  }),
  output: option(z.string().min(1).optional(), {
    description: 'write the result, with the points of the ROC, to this JSON file',
    argument: 'FILE.json',
    short: 'o',
  }),
  datasets: datasetsOption,
  'no-flip': option(z.boolean().default(false), {
    description: 'embed the image alone, not its mirror image too',
  }),
  ...modelOptions,
})

export type EvaluateOptions = z.infer<typeof evaluateOptions>
