import { z } from 'zod'
import { writtenDialects } from '../../dataset/dialects/index.js'
import { UsageError } from '../../errors/index.js'
import { DEFAULT_MAXIMUM_PIXELS } from '../../image/index.js'
import { datasetsOption, labelsFromOption, option } from '../common-options.js'

export const packOptions = z.object({
  inputs: option(z.array(z.string().min(1)).min(1), {
    description:
      'folders of photos, zips or tars of them: each folder that directly holds images is one identity; or WebDataset shards; or a pattern of such paths',
    argument: 'INPUT',
    positional: true,
  }),
  output: option(z.string().min(1).optional(), {
    description: "name or path of the dataset to write (default: the input's name)",
    argument: 'DATASET',
    short: 'o',
  }),
  datasets: datasetsOption,
  size: option(z.number().int().min(1).max(65_535).default(112), {
    description: 'width and height of the stored images, in pixels',
    argument: 'PIXELS',
  }),
  fit: option(z.enum(['cover', 'contain', 'fill']).default('cover'), {
    description: 'images of another shape: cut off what sticks out, add black, or stretch',
    argument: 'FIT',
  }),
  'pass-through': option(z.boolean().default(false), {
    description: `store every image file as it is, of any size and format, without converting it (without it, images of more than ${DEFAULT_MAXIMUM_PIXELS.toLocaleString('en-US')} pixels are skipped)`,
  }),
  quality: option(z.number().int().min(1).max(100).default(95), {
    description: 'JPEG quality of images that are converted, 1 to 100',
    argument: 'Q',
  }),
  'min-images': option(z.number().int().min(1).default(1), {
    description: 'leave out identities with fewer images (listed in skipped.jsonl; no offence to --strict)',
    argument: 'N',
  }),
  dialect: option(z.enum(writtenDialects).optional(), {
    description: 'layout of the records: insightface (default), or im2rec, which DALI reads too',
    argument: 'DIALECT',
  }),
  shuffle: option(z.boolean().default(false), {
    description: 'store the images in random order (implies --dialect im2rec)',
  }),
  seed: option(z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0), {
    description: 'seed of --shuffle',
    argument: 'S',
  }),
  'labels-from': labelsFromOption,
  'join-by-name': option(z.boolean().default(false), {
    description: 'folders of the same name are one identity, wherever they are',
  }),
})

export type PackOptions = z.infer<typeof packOptions>

/** @throws UsageError where options contradict each other */
export function dialectOf({ dialect, shuffle }: PackOptions): (typeof writtenDialects)[number] {
  if (!shuffle) return dialect ?? 'insightface'
  if (dialect === 'insightface') {
    throw new UsageError(
      '--shuffle and --dialect insightface contradict each other: that dialect keeps the images of an identity together. Leave one of them out',
    )
  }
  return 'im2rec'
}

/**
 * The options that decide the content, as `dataset.json` states them: no paths, and none that had no effect, so that
 * the same content has the same fingerprint.
 * @param labelsFrom name of the dataset of --labels-from, where it gave other labels than the order of names
 */
export function contentOptions(options: PackOptions, labelsFrom?: string): Record<string, unknown> {
  const { size, fit, quality, shuffle, seed } = options
  return {
    ...(options['pass-through'] ? { 'pass-through': true } : { size, fit, quality }),
    'min-images': options['min-images'],
    dialect: dialectOf(options),
    ...(shuffle ? { shuffle, seed } : {}),
    ...(options['join-by-name'] ? { 'join-by-name': true } : {}),
    ...(labelsFrom === undefined ? {} : { 'labels-from': labelsFrom }),
  }
}
