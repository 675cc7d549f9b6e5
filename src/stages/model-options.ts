import { z } from 'zod'
import type { EmbedderOptions } from '../engines/index.js'
import { option } from './common-options.js'

/** How pixels enter a model, and where it runs: options of every stage that embeds images. */
export const modelOptions = {
  color: option(z.enum(['rgb', 'bgr']).optional(), {
    description: 'channel order of the model (default: from its metadata, else rgb)',
    argument: 'ORDER',
  }),
  mean: option(z.number().optional(), {
    description: 'subtracted from pixel values (default: from the metadata, else 127.5)',
    argument: 'VALUE',
  }),
  std: option(z.number().positive().optional(), {
    description: 'divisor after that (default: from the metadata, else 127.5)',
    argument: 'VALUE',
  }),
  provider: option(z.enum(['auto', 'cpu', 'webgpu', 'cuda']).default('auto'), {
    description: 'where the model runs',
    argument: 'PROVIDER',
  }),
}

/** Where embeddings are looked up and kept. */
export const embeddingsOption = option(z.array(z.string().min(1)).optional(), {
  description:
    'embeddings file to take embeddings from, or folder to keep them in (default: .embeddings in the datasets folder)',
  argument: 'FILE.arrow|DIR',
})

export type ModelOptions = z.infer<z.ZodObject<typeof modelOptions>>

/** What the options say of the model, without those that were not given. */
export function embedderOptions(
  { color, mean, std, provider }: ModelOptions,
  threads: number,
): EmbedderOptions {
  return {
    provider,
    threads,
    ...(color === undefined ? {} : { color }),
    ...(mean === undefined ? {} : { mean }),
    ...(std === undefined ? {} : { std }),
  }
}
