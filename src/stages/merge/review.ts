import { basename, join } from 'node:path'
import type { Dataset } from '../../dataset/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import type { IdentityMatch, MatchAction } from '../../identities/index.js'
import { readWholeFile, writeFileAtomically } from '../../io/index.js'
import { closeDatasets, reopenDatasets } from '../dataset-input.js'
import type { ShardResult, StageContext } from '../stage.js'
import { matchIdentities, type PlannedMatching } from './matching.js'
import { namedInputs } from './named-inputs.js'
import { formatReviewCsv } from './review-csv.js'
import { type ReviewedPair, reviewPage } from './review-page.js'
import { Thumbnails } from './thumbnails.js'
import type { MergeShard } from './write-merged.js'

/** Pairs on the page: with images of both sides some ten megabytes. */
const SHOWN_PAIRS = 1000

const CSV = 'review.csv'
const HTML = 'review.html'
const COUNTS = 'review.json'

/** How many pairs have which action, across datasets and within one. */
export type MatchCounts = Record<'across' | 'within', Record<MatchAction, number>>

/** What a dry run wrote. */
export interface MergeReview {
  kind: 'review'
  csv: string
  html: string
  matches: MatchCounts
}

/** Where the review of a dataset that would be written at `output` goes: beside it. */
export function reviewPaths(output: string): { csv: string; html: string } {
  return { csv: `${output}.matches.csv`, html: `${output}.matches.html` }
}

/** Finds the matches and writes them to the scratch folder. */
export async function writeReview(
  shard: MergeShard & { matching: PlannedMatching },
  context: StageContext,
): Promise<ShardResult> {
  const inputs = await reopenDatasets(shard.inputs)
  try {
    const named = await namedInputs(inputs)
    const { matches } = await matchIdentities(shard.matching, inputs, named, context)
    const pairs = await illustrated(matches.slice(0, SHOWN_PAIRS), inputs)
    const page = reviewPage(`Identities of ${named.map(({ dataset }) => dataset).join(' and ')}`, pairs, {
      total: matches.length,
      inputs: named,
      csv: basename(reviewPaths(shard.output).csv),
    })
    const files = [
      [CSV, formatReviewCsv(matches, named)],
      [HTML, page],
      [COUNTS, JSON.stringify(countMatches(matches))],
    ] as const
    const written: ShardResult['files'] = []
    for (const [path, text] of files) {
      const bytes = Buffer.from(text, 'utf8')
      await writeFileAtomically(join(context.scratch, path), bytes)
      written.push({ path, bytes: bytes.length, xxh64: hashToHex(xxh64(bytes)) })
    }
    return { files: written, done: matches.length, skipped: 0 }
  } finally {
    await closeDatasets(inputs)
  }
}

/** @throws OutputError */
export async function publishReview(output: string, { scratch }: StageContext): Promise<MergeReview> {
  const { csv, html } = reviewPaths(output)
  const textOf = (file: string) => readWholeFile(join(scratch, file), 2 ** 31 - 1)
  await writeFileAtomically(html, await textOf(HTML), scratch)
  await writeFileAtomically(csv, await textOf(CSV), scratch)
  return { kind: 'review', csv, html, matches: JSON.parse((await textOf(COUNTS)).toString('utf8')) }
}

export function countMatches(matches: IdentityMatch[]): MatchCounts {
  const none = () => ({ merge: 0, drop: 0, keep: 0 })
  const counts: MatchCounts = { across: none(), within: none() }
  for (const { a, b, action } of matches) counts[a.input === b.input ? 'within' : 'across'][action]++
  return counts
}

async function illustrated(matches: IdentityMatch[], inputs: Dataset[]): Promise<ReviewedPair[]> {
  const places = matches.flatMap(({ a, b }) => [a, b])
  const thumbnails: Thumbnails[] = []
  for (const [i, input] of inputs.entries()) {
    const labels = new Set(places.filter((place) => place.input === i).map(({ label }) => label))
    thumbnails.push(await Thumbnails.of(input, labels))
  }
  const pairs: ReviewedPair[] = []
  for (const match of matches) {
    const [a, b] = [match.a, match.b].map(({ input, label }) => thumbnails[input]!.images(label))
    pairs.push({ match, a: await a!, b: await b! })
  }
  return pairs
}
