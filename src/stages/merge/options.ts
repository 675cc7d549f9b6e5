import { z } from 'zod'
import { writtenDialects } from '../../dataset/index.js'
import { UsageError } from '../../errors/index.js'
import { matchActions } from '../../identities/index.js'
import { datasetsOption, labelsFromOption, leavingOptions, option } from '../common-options.js'
import { embeddingsOption, modelOptions } from '../model-options.js'

export const mergeOptions = z.object({
  inputs: option(z.array(z.string()).min(2, 'two datasets or more are merged'), {
    description: 'datasets to merge, by name or path',
    argument: 'DATASET',
    positional: true,
  }),
  output: option(z.string().optional(), {
    description: "dataset to write, by name or path (default: the inputs' names joined by +)",
    argument: 'DATASET',
    short: 'o',
  }),
  datasets: datasetsOption,
  dialect: option(z.enum(writtenDialects).default('insightface'), {
    description: 'layout of the records: insightface (MXNet, arcface_torch) or im2rec (DALI too)',
    argument: 'DIALECT',
  }),
  'labels-from': labelsFromOption,
  identities: option(z.string().min(1).default('disjoint'), {
    description:
      'which identities are one person, within and across datasets: disjoint (none are), by-name (those of one name), by-embedding (those that a model finds alike), or a file: what an edited review says',
    argument: 'HOW|MAP.csv',
  }),
  'on-match': option(z.enum(matchActions).optional(), {
    description:
      'what becomes of two that are one person: merge gives them one label, drop leaves the later one out, keep keeps both (default: merge)',
    argument: 'ACTION',
  }),
  'dry-run': option(z.boolean().default(false), {
    description: 'write the matches as OUTPUT.matches.csv and .html for review, and no dataset',
  }),
  ...leavingOptions,
  model: option(z.string().min(1).optional(), {
    description: 'face embedder, for by-embedding and for --exclude by embeddings',
    argument: 'MODEL.onnx|RUN|FILE.pt',
  }),
  threshold: option(z.number().min(-1).max(1).optional(), {
    description:
      'cosine of two centres, each the nearest of the other, from which on they are one person (default: 0.65)',
    argument: 'T',
  }),
  embeddings: embeddingsOption,
  ...modelOptions,
})

export type MergeOptions = z.infer<typeof mergeOptions>

/** How identities are matched. */
export type Matching =
  | { kind: 'disjoint' }
  | { kind: 'by-name' }
  | { kind: 'by-embedding'; model: string }
  | { kind: 'map'; file: string }

/** @throws UsageError where options do not fit each other */
export function matchingOf(options: MergeOptions): Matching {
  const { identities, model } = options
  const matching = chosen(identities, model)
  const without = (keys: (keyof MergeOptions)[], what: string) => {
    const given = keys.find((key) => options[key] !== undefined && options[key] !== false)
    if (given !== undefined) throw new UsageError(`--${given} has no effect ${what}. Leave it out`)
  }
  if (matching.kind === 'disjoint') without(['on-match', 'dry-run'], 'without --identities')
  if (matching.kind === 'map') without(['dry-run'], 'with a review that is given back')
  if (options['dry-run']) without(['exclude', 'remove'], 'in a dry run, which shows matches alone')
  if (matching.kind !== 'by-embedding') {
    without(['threshold'], 'without --identities by-embedding')
    const unused = 'without --identities by-embedding or --exclude'
    if (options.exclude === undefined) without(['model', 'embeddings', 'color', 'mean', 'std'], unused)
  }
  return matching
}

function chosen(identities: string, model: string | undefined): Matching {
  if (identities === 'disjoint' || identities === 'by-name') return { kind: identities }
  if (identities === 'by-embedding') {
    if (model === undefined) throw new UsageError('--identities by-embedding needs --model MODEL.onnx')
    return { kind: identities, model }
  }
  if (identities.endsWith('.csv')) return { kind: 'map', file: identities }
  throw new UsageError(
    `--identities: disjoint, by-name, by-embedding or a file MAP.csv is expected, not "${identities}"`,
  )
}
