import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { inputErrorFrom } from '../io/index.js'

/** How many images were left out for one kind of reason. */
export interface SkippedReason {
  /** As it stands in the file where all are alike; else with `"..."` and `N` for the names and numbers that differ. */
  reason: string
  count: number
}

/** Kinds beyond this many are counted together: names that nothing marks as such make a kind of each. */
const MOST_KINDS = 1000

const OTHERS = 'other reasons'

/**
 * Counts the lines of a `skipped.jsonl` by kind of reason, the most frequent first. Lines that are none, such as a last
 * one that was cut off, count as other reasons. @throws InputError where the file cannot be read
 */
export async function readSkippedReasons(path: string): Promise<SkippedReason[]> {
  const kinds = new Map<string, SkippedReason>()
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      if (line !== '') addReason(kinds, reasonOf(line))
    }
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
  return [...kinds.values()].sort((a, b) => b.count - a.count)
}

function addReason(kinds: Map<string, SkippedReason>, reason: string): void {
  const kind = kindOf(reason)
  const known = kinds.get(kind)
  if (known !== undefined) {
    known.count++
    if (known.reason !== reason) known.reason = kind
  } else if (kinds.size < MOST_KINDS || kind === OTHERS) kinds.set(kind, { reason, count: 1 })
  else addReason(kinds, OTHERS)
}

function reasonOf(line: string): string {
  try {
    const { reason } = JSON.parse(line) as { reason?: unknown }
    return typeof reason === 'string' ? reason : OTHERS
  } catch {
    return OTHERS
  }
}

function kindOf(reason: string): string {
  return withoutNames(reason).replace(/\d+(\.\d+)?/g, 'N')
}

/** A reason without what names one image or one person, whose own names may have quotes and brackets in them. */
export function withoutNames(reason: string): string {
  return reason
    .replace(/(; see .*)? \(key \d+.*\)$/s, '')
    .replace(/^excluded: .*/s, 'excluded: they are in a test set')
    .replace(/".*"/gs, '"..."')
}
