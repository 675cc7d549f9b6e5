import { dirname } from 'node:path'
import { z } from 'zod'
import { resolveOutputDataset } from '../../dataset/index.js'
import { UsageError } from '../../errors/index.js'
import { datasetsOption, option } from '../common-options.js'
import { nameOfDataset } from '../dataset-name.js'
import type { Output } from '../stage.js'
import type { Amount } from './draw.js'

const DEFAULT_FRACTION = 0.1

export const splitOptions = z.object({
  dataset: option(z.string().min(1), {
    description: 'the dataset, by name or path',
    argument: 'DATASET',
    positional: true,
  }),
  output: option(z.string().min(1).optional(), {
    description: 'first part, by name or path (default: NAME-train)',
    argument: 'DATASET',
    short: 'o',
  }),
  val: option(z.string().min(1).optional(), {
    description: 'second part, by name or path (default: NAME-val)',
    argument: 'DATASET',
  }),
  datasets: datasetsOption,
  by: option(z.enum(['identity', 'image']).default('identity'), {
    description: 'identity: no person is in both parts; image: every person is, with the same label',
    argument: 'UNIT',
  }),
  fraction: option(z.number().gt(0).lt(1).optional(), {
    description: `share of the identities or images that the second part gets (default: ${DEFAULT_FRACTION})`,
    argument: 'F',
  }),
  count: option(z.number().int().min(1).optional(), {
    description: 'number of identities or images that it gets, in place of --fraction',
    argument: 'N',
  }),
  seed: option(z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0), {
    description: 'other seeds draw others',
    argument: 'S',
  }),
})

export type SplitOptions = z.infer<typeof splitOptions>

/** @throws UsageError where both are given */
export function amountOf({ fraction, count }: SplitOptions): Amount {
  if (count === undefined) return { fraction: fraction ?? DEFAULT_FRACTION }
  if (fraction === undefined) return { count }
  throw new UsageError('--fraction and --count say the same in two ways. Leave one of them out')
}

/**
 * The first part; the second is published with it.
 * @throws UsageError where they are one, or in two folders: they move there together by renaming
 */
export function outputsOf({ dataset, output, val, datasets }: SplitOptions): Output & { others: string[] } {
  const name = nameOfDataset(dataset)
  const first = resolveOutputDataset(output ?? `${name}-train`, datasets)
  const second = resolveOutputDataset(val ?? `${name}-val`, datasets)
  if (first === second) throw new UsageError(`both parts are ${first}. Give them different names`)
  if (dirname(first) !== dirname(second)) {
    throw new UsageError(
      `the parts of a split go into one folder, not into ${dirname(first)} and ${dirname(second)}. Give -o and --val in the same one`,
    )
  }
  return { path: first, kind: 'dataset', others: [second] }
}
