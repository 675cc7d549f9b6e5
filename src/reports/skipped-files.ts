import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { inputErrorFrom } from '../io/index.js'

/** Files and records that did not get into a dataset, by the kind of reason. */
export interface SkippedFiles {
  total: number
  /** The most frequent first. */
  reasons: { reason: string; files: number }[]
  /** Lines that are not JSON, or have no reason. */
  unreadable: number
}

/** Reasons that are told apart; the rest is one. */
const MOST_REASONS = 20

/** Counts `skipped.jsonl` of a dataset; undefined where it has none. @throws InputError */
export async function readSkippedFiles(folder: string): Promise<SkippedFiles | undefined> {
  const path = join(folder, 'skipped.jsonl')
  if ((await stat(path).catch(() => undefined)) === undefined) return undefined
  const files = new Map<string, number>()
  let [total, unreadable] = [0, 0]
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      if (line === '') continue
      total++
      const reason = reasonOf(line)
      if (reason === undefined) unreadable++
      else files.set(kindOfReason(reason), (files.get(kindOfReason(reason)) ?? 0) + 1)
    }
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
  const all = [...files].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
  const rest = all.slice(MOST_REASONS).reduce((sum, [, count]) => sum + count, 0)
  const reasons = all.slice(0, MOST_REASONS).map(([reason, count]) => ({ reason, files: count }))
  return {
    total,
    unreadable,
    reasons: rest === 0 ? reasons : [...reasons, { reason: 'others', files: rest }],
  }
}

function reasonOf(line: string): string | undefined {
  try {
    const { reason } = JSON.parse(line) as { reason?: unknown }
    return typeof reason === 'string' ? reason : undefined
  } catch {
    return undefined
  }
}

/**
 * What reasons of one kind have in common: the words before a measured value, another image or a place.
 * `small: 40, below 64; see a/b.jpg` is `small`; `the record at offset 12 is not in the index` loses its number.
 * Values of options stay.
 */
export function kindOfReason(reason: string): string {
  const words = reason.split(/: |; | \(key /)[0]!
  return words.replace(/(?<!--[\w-]+ )\b\d[\d.,]*\b/g, '…')
}
