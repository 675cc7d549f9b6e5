import { InputError } from '../errors/index.js'

/** Upstream's number of folds. */
export const FOLD_COUNT = 10

/** Whether pairs show one person, and the fold of each: two columns of a bin. */
export interface FoldedPairs {
  /** 1 same, 0 different. */
  same: Uint8Array
  /** From 0, none empty. */
  folds: Int32Array
}

/** Runs of nearly equal length, the longer ones first: scikit-learn's KFold(folds, shuffle=False). */
export function contiguousFolds(pairs: number, folds: number): Int32Array {
  const assigned = new Int32Array(pairs)
  const length = Math.floor(pairs / folds)
  const longer = pairs % folds
  let at = 0
  for (let fold = 0; fold < folds; fold++) {
    const end = at + length + (fold < longer ? 1 : 0)
    assigned.fill(fold, at, end)
    at = end
  }
  return assigned
}

/** The pairs of each kind dealt out in runs, so that every fold has the same share of both. */
export function stratifiedFolds(same: Uint8Array, folds: number): Int32Array {
  const totals = [same.length - countOnes(same), countOnes(same)]
  const ofKind = totals.map((total) => contiguousFolds(total, folds))
  const next = [0, 0]
  return Int32Array.from(same, (kind) => ofKind[kind]![next[kind]!++]!)
}

export type FoldOrigin = 'list' | 'contiguous' | 'stratified'

/**
 * Folds that each hold both kinds of pairs: those of the list, else upstream's contiguous ten, else as many as the
 * rarer kind allows, up to ten. Undefined where there are less than two pairs of a kind.
 */
export function chooseFolds(
  same: Uint8Array,
  listed: Int32Array | undefined,
): { folds: Int32Array; origin: FoldOrigin } | undefined {
  if (listed !== undefined && oneClassFold({ same, folds: listed }) === undefined) {
    return { folds: listed, origin: 'list' }
  }
  const contiguous = contiguousFolds(same.length, FOLD_COUNT)
  if (same.length >= FOLD_COUNT && oneClassFold({ same, folds: contiguous }) === undefined) {
    return { folds: contiguous, origin: 'contiguous' }
  }
  const rarer = Math.min(countOnes(same), same.length - countOnes(same), FOLD_COUNT)
  return rarer < 2 ? undefined : { folds: stratifiedFolds(same, rarer), origin: 'stratified' }
}

/** @throws InputError for a bin, or a fold, whose pairs are all of one kind: no accuracy can be told from it */
export function requireBothClasses(pairs: FoldedPairs, file: string): void {
  const ones = countOnes(pairs.same)
  const fix = 'Make the bin from a list with both kinds of pairs'
  if (ones === 0 || ones === pairs.same.length) {
    throw new InputError({
      file,
      problem: `all ${pairs.same.length} pairs of the bin are ${ones === 0 ? 'different' : 'same'}: nothing can be judged from one kind`,
      fix,
    })
  }
  const fold = oneClassFold(pairs)
  if (fold === undefined) return
  throw new InputError({
    file,
    problem: `all ${fold.pairs} pairs of fold ${fold.number + 1} are ${fold.same ? 'same' : 'different'}: every fold needs both kinds`,
    fix: `${fix} in each fold; facedata bins --pairs does so`,
  })
}

export function countOnes(flags: Uint8Array): number {
  let count = 0
  for (const flag of flags) count += flag
  return count
}

export function foldCount(folds: Int32Array): number {
  let count = 0
  for (const fold of folds) count = Math.max(count, fold + 1)
  return count
}

function oneClassFold({
  same,
  folds,
}: FoldedPairs): { number: number; pairs: number; same: boolean } | undefined {
  const pairs = new Float64Array(foldCount(folds))
  const ones = new Float64Array(pairs.length)
  for (const [index, fold] of folds.entries()) {
    pairs[fold]! += 1
    ones[fold]! += same[index]!
  }
  const number = pairs.findIndex((count, fold) => ones[fold] === 0 || ones[fold] === count)
  return number < 0 ? undefined : { number, pairs: pairs[number]!, same: ones[number]! > 0 }
}
