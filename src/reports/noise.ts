import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { type RuleName, ruleNames, ruleOf } from '../curation/index.js'
import type { DatasetDescription, SkippedReason } from '../dataset/index.js'
import { InputError } from '../errors/index.js'
import { inputErrorFrom } from '../io/index.js'

/** What the rules of `clean` say of a dataset. */
export interface Noise {
  /** `found` in it by a dry run, or `left out` when it was made. */
  state: 'found' | 'left out'
  /** The weightiest rule first; those that looked. */
  rules: { rule: RuleName; summary: string; threshold: number | undefined; images: number }[]
}

const headSchema = z.object({
  dataset: z.string(),
  fingerprint: z.string(),
  thresholds: z.partialRecord(z.enum(ruleNames), z.number()),
  found: z.partialRecord(z.enum(ruleNames), z.number()),
})

/** What `clean --dry-run` counted, and of which dataset. */
export interface CleanReport extends z.infer<typeof headSchema> {
  /** Where it stands. */
  folder: string
}

/** Lines of a report's head: one for each rule, thrice. */
const LONGEST_HEAD = 200

/** Reads the head of the `report.json` in a folder, however many rows follow. @throws InputError */
export async function readCleanReport(folder: string): Promise<CleanReport> {
  const file = join(folder, 'report.json')
  const head: string[] = []
  try {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      head.push(line)
      if (line.startsWith('  "rows": [') || head.length > LONGEST_HEAD) break
    }
    // The list is empty, and closed in its line, or open.
    const text = head.join('\n').replace(/"rows": \[\]?$/, '"rows": []}')
    return { folder, ...headSchema.parse(JSON.parse(text)) }
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw inputErrorFrom(error, file)
    throw new InputError(
      { file, problem: 'is not a report of facedata clean --dry-run', fix: 'Write it again' },
      { cause: error },
    )
  }
}

export function noiseOfReport({ thresholds, found }: CleanReport): Noise {
  return { state: 'found', rules: rulesOf(found, thresholds) }
}

/** What a dataset of `clean` left out, by its list of skipped files; undefined for other datasets. */
export function noiseOfCleaned(
  { stage, options }: DatasetDescription,
  skipped: readonly SkippedReason[] = [],
): Noise | undefined {
  const parsed = stage === 'clean' ? z.looseObject({ rules: z.unknown() }).safeParse(options) : undefined
  const rules = parsed?.data?.rules
  if (typeof rules !== 'object' || rules === null) return undefined
  const looked = ruleNames.filter((name) => name in rules)
  const found = Object.fromEntries(
    looked.map((name) => {
      const left = skipped.filter(({ reason }) => reason.split(':', 1)[0] === name)
      return [name, left.reduce((sum, { count }) => sum + count, 0)]
    }),
  )
  const thresholds = Object.fromEntries(
    Object.entries(rules).filter(([, value]) => typeof value === 'number'),
  )
  return { state: 'left out', rules: rulesOf(found, thresholds) }
}

function rulesOf(
  found: Partial<Record<RuleName, number>>,
  thresholds: Partial<Record<RuleName, number>>,
): Noise['rules'] {
  return ruleNames
    .filter((name) => found[name] !== undefined)
    .map((name) => ({
      rule: name,
      summary: ruleOf(name).summary,
      threshold: thresholds[name],
      images: found[name]!,
    }))
}
