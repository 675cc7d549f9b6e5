import { z } from 'zod'
import { UsageError } from '../../errors/index.js'
import { datasetsOption, option } from '../common-options.js'

export const binsOptions = z.object({
  pairs: option(z.string().min(1).optional(), {
    description: "pair list: LFW's form (name n1 n2, name1 n1 name2 n2) or lines of path path 0|1",
    argument: 'FILE',
  }),
  images: option(z.string().min(1).optional(), {
    description: 'folder of the images that --pairs names: Name/Name_0001.jpg, or paths below it',
    argument: 'FOLDER',
  }),
  from: option(z.string().min(1).optional(), {
    description: 'draw the pairs from this dataset, no identity in two folds',
    argument: 'DATASET',
  }),
  'pairs-per-fold': option(z.number().int().min(1).max(1e6).optional(), {
    description: 'with --from: pairs of the same person, and as many of different people, in each fold',
    argument: 'N',
  }),
  folds: option(z.number().int().min(2).max(1000).optional(), {
    description: 'with --from: number of folds (default: 10)',
    argument: 'K',
  }),
  seed: option(z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(), {
    description: 'with --from: another seed draws other pairs (default: 0)',
    argument: 'S',
  }),
  extract: option(z.string().min(1).optional(), {
    description: 'write the images of this bin to a folder, with a pair list that bins --pairs reads',
    argument: 'X.bin',
  }),
  output: option(z.string().min(1), {
    description: 'the bin to write; with --extract the folder',
    argument: 'X.bin',
    short: 'o',
  }),
  datasets: datasetsOption,
  size: option(z.number().int().min(1).max(65_535).optional(), {
    description: 'with --pairs: width and height of the stored images, in pixels (default: 112)',
    argument: 'PIXELS',
  }),
  fit: option(z.enum(['cover', 'contain', 'fill']).optional(), {
    description: 'with --pairs: images of another shape: cut off, add black, or stretch (default: cover)',
    argument: 'FIT',
  }),
  quality: option(z.number().int().min(1).max(100).optional(), {
    description: 'with --pairs: JPEG quality of images that are converted, 1 to 100 (default: 95)',
    argument: 'Q',
  }),
  'pass-through': option(z.boolean().default(false), {
    description: 'with --pairs: store every image file as it is, without converting it',
  }),
})

export type BinsOptions = z.infer<typeof binsOptions>

type Key = keyof BinsOptions

/** Options that belong to one source of the pairs; `output` and `datasets` belong to all. */
const keysOf = {
  pairs: ['images', 'size', 'fit', 'quality', 'pass-through'],
  from: ['pairs-per-fold', 'folds', 'seed'],
  extract: [],
} satisfies Record<string, Key[]>

/** What is asked for: a bin from a pair list, a bin from a dataset, or the images of a bin. */
export type BinsMode =
  | { kind: 'pairs'; pairs: string; images: string }
  | { kind: 'from'; dataset: string; pairsPerFold: number; folds: number; seed: number }
  | { kind: 'extract'; bin: string }

/** @throws UsageError where options contradict each other or one is missing */
export function modeOf(options: BinsOptions): BinsMode {
  const kinds = Object.keys(keysOf) as (keyof typeof keysOf)[]
  const given = kinds.filter((key) => options[key] !== undefined)
  const [kind] = given
  if (kind === undefined || given.length > 1) {
    throw new UsageError('bins needs one of --pairs FILE, --from DATASET and --extract X.bin')
  }
  for (const other of kinds) {
    const stray = keysOf[other].find(
      (key) => other !== kind && options[key] !== undefined && options[key] !== false,
    )
    if (stray !== undefined)
      throw new UsageError(`bins --${kind}: --${stray} belongs to --${other}; leave it out`)
  }
  if (kind === 'extract') return { kind, bin: options.extract! }
  if (kind === 'pairs') {
    if (options.images === undefined) throw new UsageError('bins --pairs needs --images FOLDER')
    const stray = options['pass-through']
      ? (['size', 'fit', 'quality'] as const).find((key) => options[key] !== undefined)
      : undefined
    if (stray !== undefined) {
      throw new UsageError(`bins: --pass-through and --${stray} contradict each other. Leave one of them out`)
    }
    return { kind, pairs: options.pairs!, images: options.images }
  }
  const pairsPerFold = options['pairs-per-fold']
  if (pairsPerFold === undefined) throw new UsageError('bins --from needs --pairs-per-fold N')
  const { folds = 10, seed = 0 } = options
  return { kind, dataset: options.from!, pairsPerFold, folds, seed }
}
