import { basename, resolve } from 'node:path'
import { z } from 'zod'
import { type Rule, type RuleName, ruleNames, ruleOf, rules } from '../../curation/index.js'
import { resolveOutputDataset } from '../../dataset/index.js'
import { UsageError } from '../../errors/index.js'
import { datasetsOption, leavingOptions, option } from '../common-options.js'
import { nameOfDataset } from '../dataset-name.js'
import { embeddingsOption, modelOptions } from '../model-options.js'
import type { Output } from '../stage.js'

/** The threshold of a rule is the option of its name. */
function thresholdOption(name: RuleName) {
  const { description, default: fallback, minimum, maximum } = ruleOf(name).threshold!
  return option(z.number().min(minimum).max(maximum).optional(), {
    description: `threshold of the rule: ${description} (default: ${fallback})`,
    argument: 'VALUE',
  })
}

export const cleanOptions = z.object({
  dataset: option(z.string().min(1), {
    description: 'the dataset, by name or path',
    argument: 'DATASET',
    positional: true,
  }),
  output: option(z.string().min(1).optional(), {
    description: 'dataset to write, by name or path (default: NAME-clean)',
    argument: 'DATASET',
    short: 'o',
  }),
  datasets: datasetsOption,
  'dry-run': option(z.boolean().default(false), {
    description: 'write a report of what would be left out, and no dataset',
  }),
  report: option(z.string().min(1).optional(), {
    description: 'folder for the report of a dry run (default: ./NAME-report, NAME being the output)',
    argument: 'FOLDER',
  }),
  review: option(z.string().min(1).optional(), {
    description:
      'a report whose column action was edited (keep, drop, split): what it says is done, no rule looks',
    argument: 'FILE.csv|FILE.json',
  }),
  rules: option(z.string().min(1).optional(), {
    description: `rules that look, joined by commas (default: all of ${ruleNames.join(', ')}; with --exclude or --remove none)`,
    argument: 'NAMES',
  }),
  outlier: thresholdOption('outlier'),
  'two-people': thresholdOption('two-people'),
  'near-duplicate': thresholdOption('near-duplicate'),
  small: thresholdOption('small'),
  blurred: thresholdOption('blurred'),
  dark: thresholdOption('dark'),
  ...leavingOptions,
  model: option(z.string().min(1).optional(), {
    description: 'face embedder: for the rules outlier and two-people, a surer near-duplicate, and --exclude',
    argument: 'MODEL.onnx|RUN',
  }),
  embeddings: embeddingsOption,
  ...modelOptions,
})

export type CleanOptions = z.infer<typeof cleanOptions>

/** A rule and the threshold that it has in this run. */
export interface ChosenRule {
  name: RuleName
  threshold?: number
}

/**
 * The rules of a run, the weightiest first; without a model those that need none. Who is to leave is no reason to look
 * at the others: with `exclude` and `remove` there are only the rules that are named. @throws UsageError
 */
export function chosenRules(options: CleanOptions): ChosenRule[] {
  const named = options.rules?.split(',').map((name) => name.trim())
  const unknown = named?.find((name) => !ruleNames.some((rule) => rule === name))
  if (unknown !== undefined) {
    throw new UsageError(`--rules: there is no rule "${unknown}". Rules: ${ruleNames.join(', ')}`)
  }
  if (options.review !== undefined) return refuseRules(options)
  const byDefault = named === undefined && !hasPeopleToLeave(options)
  const wanted = rules.filter(({ name }) => byDefault || named?.includes(name))
  const needing = wanted.filter(({ needsModel }) => needsModel)
  if (named !== undefined && needing.length > 0 && options.model === undefined) {
    throw new UsageError(`--rules: ${needing.map(({ name }) => name).join(' and ')} need --model`)
  }
  checkThresholds(options, wanted)
  if (options.model !== undefined && options.exclude === undefined && wanted.length === 0) {
    throw new UsageError('--model has no effect without a rule or --exclude: name rules with --rules')
  }
  return wanted
    .filter(({ needsModel }) => !needsModel || options.model !== undefined)
    .map(({ name, threshold }) => ({
      name,
      ...(threshold && { threshold: thresholdGiven(options, name) ?? threshold.default }),
    }))
}

/** What was reviewed is done, and no rule looks. @throws UsageError for an option that would have no effect */
function refuseRules(options: CleanOptions): [] {
  const { rules: named, model, exclude } = options
  const thresholds = rules.filter(({ name }) => thresholdGiven(options, name) !== undefined)
  const given = [
    ...(named === undefined ? [] : ['--rules']),
    ...(model === undefined || exclude !== undefined ? [] : ['--model']),
    ...thresholds.map(({ name }) => `--${name}`),
  ]
  if (given.length === 0) return []
  throw new UsageError(`${given.join(', ')}: no effect, since --review does what its file says. Leave it out`)
}

export function hasPeopleToLeave({ exclude, remove }: CleanOptions): boolean {
  return exclude !== undefined || remove !== undefined
}

/** @throws UsageError for a threshold without effect */
function checkThresholds(options: CleanOptions, wanted: Rule[]): void {
  for (const { name, needsModel } of rules) {
    if (thresholdGiven(options, name) === undefined) continue
    if (!wanted.some((rule) => rule.name === name)) {
      throw new UsageError(`--${name} has no effect: name the rule with --rules`)
    }
    if (needsModel && options.model === undefined) throw new UsageError(`--${name} needs --model`)
  }
}

function thresholdGiven(options: CleanOptions, name: RuleName): number | undefined {
  return name === 'undecodable' || name === 'byte-identical' ? undefined : options[name]
}

/** The dataset; of a dry run the folder of its report. @throws UsageError for --report without --dry-run */
export function cleanOutput(options: CleanOptions): Output {
  const { dataset, output, datasets, report } = options
  const path = resolveOutputDataset(output ?? `${nameOfDataset(dataset)}-clean`, datasets)
  if (!options['dry-run']) {
    if (report !== undefined) throw new UsageError('--report is where a --dry-run writes: give both')
    return { path, kind: 'dataset' }
  }
  if (options.review !== undefined) {
    throw new UsageError('--review does what a report says, and --dry-run writes one: give one of them')
  }
  return { path: resolve(report ?? `${basename(path)}-report`), kind: 'folder' }
}
