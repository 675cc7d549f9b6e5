import { z } from 'zod'
import { option } from '../common-options.js'

export const alignOptions = z.object({
  folder: option(z.string().min(1), {
    description: 'folder of photos, with folders in it to any depth',
    argument: 'FOLDER',
    positional: true,
  }),
  output: option(z.string().min(1), {
    description: 'the folder to write: the same folders and names, aligned JPEGs',
    argument: 'FOLDER',
    short: 'o',
  }),
  landmarks: option(z.string().min(1), {
    description:
      'five points of each face, as align itself writes them: path score x1 y1 ... x5 y5, tabs between',
    argument: 'FILE.tsv',
  }),
  size: option(z.number().int().min(16).max(1024).default(112), {
    description: 'width and height of the aligned images, in pixels',
    argument: 'PIXELS',
  }),
  quality: option(z.number().int().min(1).max(100).default(95), {
    description: 'JPEG quality of the aligned images, 1 to 100',
    argument: 'Q',
  }),
})

export type AlignOptions = z.infer<typeof alignOptions>
