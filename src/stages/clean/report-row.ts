import { type Finding, type RuleName, ruleOf } from '../../curation/index.js'

/** What is done with an image: kept, left out, or made one of a new identity with the others that are split off. */
export const actions = ['keep', 'drop', 'split'] as const

export type Action = (typeof actions)[number]

/** An image as a report names it. */
export interface ReportedImage {
  key: number
  label: number
  /** Empty where the identity has none. */
  name: string
  /** Empty where it is not known. */
  path: string
}

/** One image that rules found, with all that they say of it. */
export interface ReportRow extends ReportedImage {
  /** From 1: the weightiest rule first, and of each the clearest cases. */
  rank: number
  action: Action
  /** The weightiest rule that found it. */
  rule: RuleName
  value: number
  /** All rules that found it. */
  rules: RuleName[]
  /** Missing where the rule has none. */
  threshold?: number
  /** The image that it is like, or of which it is not. */
  like?: ReportedImage
  /** What other rules say. */
  also: string
  /** xxHash64 of the image in hex: ties an edited report to the image, whatever became of its key. */
  xxh64: string
  /** In one sentence, for `skipped.jsonl`. */
  reason: string
}

/** `outlier: 0.228, not at least 0.3`. */
export function describeFinding(
  { rule, value }: Finding,
  threshold: number | undefined,
  like: ReportedImage | undefined,
): string {
  const found = ruleOf(rule).threshold?.found
  const limit = found === 'below' ? `, below ${threshold}` : found === undefined ? '' : `, up to ${threshold}`
  const measured = found === undefined ? '' : `: ${shortNumber(value)}${limit}`
  const other = like === undefined ? '' : `; see ${like.path || 'record'} (key ${like.key})`
  return `${rule}${measured}${other}`
}

/** Six significant digits: what differs behind them is no reason for another decision. */
export function shortNumber(value: number): number {
  return Number(value.toPrecision(6))
}
