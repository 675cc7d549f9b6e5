import { z } from 'zod'
import { datasetsOption, option } from '../common-options.js'
import { embeddingsOption, modelOptions } from '../model-options.js'

export const embedOptions = z.object({
  model: option(z.string().min(1), {
    description:
      'face embedder, the folder of a training run that holds model.onnx, or weights as facedata export takes them',
    argument: 'MODEL.onnx|RUN|FILE.pt',
    positional: true,
  }),
  input: option(z.string().min(1), {
    description: 'images: a dataset by name or path, a folder of folders of images, or a verification bin',
    argument: 'DATASET|FOLDER|BIN',
    positional: true,
  }),
  output: option(z.string().min(1), {
    description: 'Arrow file to write: key, label, identity, path, xxh64 and embedding of each image',
    argument: 'FILE.arrow',
    short: 'o',
  }),
  datasets: datasetsOption,
  embeddings: embeddingsOption,
  ...modelOptions,
})

export type EmbedOptions = z.infer<typeof embedOptions>
