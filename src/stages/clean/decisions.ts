import type { Dataset } from '../../dataset/index.js'
import { InputError } from '../../errors/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import type { Action, ReportRow } from './report-row.js'
import type { ReviewedImage } from './review.js'

/** What becomes of an image that is not simply kept. */
export interface Decision {
  action: Exclude<Action, 'keep'>
  reason: string
  /** Nothing that tells who it is may stand in the new dataset: its path is not noted. */
  unnamed?: true
}

/** By position. */
export type Decisions = ReadonlyMap<number, Decision>

/** As the rules have it. @param positionOf by key */
export function decisionsOfRows(rows: ReportRow[], positionOf: ReadonlyMap<number, number>): Decisions {
  return new Map(
    rows.flatMap(({ action, key, reason }): [number, Decision][] =>
      action === 'keep' ? [] : [[positionOf.get(key)!, { action, reason }]],
    ),
  )
}

/** Images at a time that are read to be compared with the review. */
const IMAGES_AT_ONCE = 256

/**
 * As a person edited them. @throws InputError where the review names an image twice with different actions, or one that
 * the dataset has not
 */
export async function decisionsOfReview(
  dataset: Dataset,
  reviewed: ReviewedImage[],
  file: string,
): Promise<Decisions> {
  const keys = new Set(reviewed.map(({ key }) => key))
  const positionOf = await positionsOfKeys(dataset, keys)
  const decisions = new Map<number, Decision>()
  const actionOf = new Map<number, ReviewedImage>()
  for (const image of reviewed) {
    const earlier = actionOf.get(image.key)
    if (earlier !== undefined && earlier.action !== image.action) throw twice(image, earlier, file)
    actionOf.set(image.key, image)
    if (!positionOf.has(image.key)) throw missing(dataset, image, file)
  }
  const images = [...actionOf.values()]
  for (let first = 0; first < images.length; first += IMAGES_AT_ONCE) {
    const some = images.slice(first, first + IMAGES_AT_ONCE)
    const stored = await dataset.imagesAt(some.map(({ key }) => positionOf.get(key)!))
    for (const [i, image] of some.entries()) {
      const hash = hashToHex(xxh64(stored[i]!.bytes))
      if (hash !== image.xxh64) throw other(dataset, image, hash, file)
      const { action, key, reason } = image
      if (action !== 'keep') decisions.set(positionOf.get(key)!, { action, reason })
    }
  }
  return decisions
}

/** Positions of some keys, by key. */
export async function positionsOfKeys(
  dataset: Dataset,
  wanted: ReadonlySet<number>,
): Promise<Map<number, number>> {
  const { keys } = await dataset.table()
  const positionOf = new Map<number, number>()
  for (const [position, key] of keys.entries()) if (wanted.has(key)) positionOf.set(key, position)
  return positionOf
}

function twice({ key, line, action }: ReviewedImage, earlier: ReviewedImage, file: string): InputError {
  return new InputError({
    file,
    line,
    problem: `record ${key} stands there twice, with different actions`,
    expected: `${earlier.action}, as in line ${earlier.line}`,
    actual: action,
  })
}

function missing(dataset: Dataset, { key, line }: ReviewedImage, file: string): InputError {
  return new InputError({
    file,
    line,
    problem: `${dataset.name} has no image with the key ${key}`,
    fix: 'Give the report that was made of this dataset, or make it again with --dry-run.',
  })
}

function other(dataset: Dataset, image: ReviewedImage, hash: string, file: string): InputError {
  return new InputError({
    file,
    line: image.line,
    problem: `record ${image.key} of ${dataset.name} is another image than the report has`,
    expected: `xxh64 ${image.xxh64}`,
    actual: hash,
    fix: 'Give the report that was made of this dataset, or make it again with --dry-run.',
  })
}

/** The same, and every image of the people who leave dropped. @param reasonOf by label */
export function withoutPeople(
  decisions: Decisions,
  labelOf: Int32Array,
  reasonOf: ReadonlyMap<number, Decision>,
): Decisions {
  if (reasonOf.size === 0) return decisions
  const all = new Map(decisions)
  for (const [position, label] of labelOf.entries()) {
    const decision = reasonOf.get(label)
    if (decision !== undefined) all.set(position, decision)
  }
  return all
}
