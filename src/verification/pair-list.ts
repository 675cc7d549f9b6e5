import { basename } from 'node:path'
import { InputError } from '../errors/index.js'

/** An image as a pair list names it: a person's name and the number of the image, or a path. */
export type ImageReference = { name: string; number: number } | { path: string }

/** Two images, and whether they show one person. */
export interface ListedPair {
  images: [ImageReference, ImageReference]
  same: boolean
  /** From 0. Absent where the list says nothing of folds. */
  fold?: number
  /** In the list, from 1. */
  line: number
}

/** The first line of LFW's lists: `10 300` (folds, then pairs of each kind a fold) or `1100` (pairs of each kind). */
interface Header {
  folds: number | undefined
  pairsOfAKind: number
}

/**
 * Reads a pair list, fields parted by tabs (then names may hold spaces) or by spaces:
 * - LFW's: `name n1 n2` is one person twice, `name1 n1 name2 n2` are two people; with or without a header of one or two
 *   numbers. Source: the README of LFW's pairs.txt and pairsDevTrain.txt. Numbers may be written `672.` or `672.0`.
 * - `path path 0|1`, with the fold as an optional fourth field, as `bins --extract` writes it.
 * Blank lines are passed over. @throws InputError with the line
 */
export function parsePairList(text: string, file: string): ListedPair[] {
  const rows = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line, index) => ({ line: index + 1, fields: splitFields(line) }))
    .filter(({ fields }) => fields.length > 0)
  const header = rows[0] === undefined ? undefined : parseHeader(rows[0].fields)
  if (header !== undefined) rows.shift()
  const parse = rows[0] !== undefined && parsePathPair(rows[0].fields) ? parsePathPair : parseNamePair
  const pairs = rows.map(({ line, fields }): ListedPair => {
    const pair = parse(fields)
    if (pair === undefined) {
      throw new InputError({
        file,
        line,
        problem: 'is not a pair',
        expected:
          parse === parsePathPair
            ? 'path, path, 0 or 1 (and a fold), as in the first line'
            : 'name number number, or name number name number',
        actual: JSON.stringify(fields.join(' ').slice(0, 200)),
        fix: 'Names or paths with spaces need tabs between the fields',
      })
    }
    return { ...pair, line }
  })
  if (pairs.length === 0) throw new InputError({ file, problem: 'the pair list is empty' })
  requireOneFoldEach(pairs, file)
  if (header !== undefined) applyHeader(header, pairs, file)
  return pairs
}

/** `Name 4` or the path, for messages. */
export function describeReference(reference: ImageReference): string {
  return 'path' in reference ? reference.path : `${reference.name} ${reference.number}`
}

function splitFields(line: string): string[] {
  return line
    .split(line.includes('\t') ? '\t' : /\s+/)
    .map((field) => field.trim())
    .filter((field) => field !== '')
}

function parseHeader(fields: string[]): Header | undefined {
  const numbers = fields.map((field) => (/^\d+$/.test(field) ? Number(field) : 0))
  if (fields.length > 2 || numbers.some((number) => number === 0)) return undefined
  return numbers.length === 1
    ? { folds: undefined, pairsOfAKind: numbers[0]! }
    : { folds: numbers[0]!, pairsOfAKind: numbers[1]! }
}

function parseNamePair(fields: string[]): Omit<ListedPair, 'line'> | undefined {
  const same = fields.length === 3
  const [name, firstNumber, second, last] = fields
  const numbers = [firstNumber, same ? second : last].map((field) => parseImageNumber(field ?? ''))
  const otherName = same ? name : second
  if ((!same && fields.length !== 4) || name === undefined || otherName === undefined) return undefined
  if (numbers[0] === undefined || numbers[1] === undefined) return undefined
  return {
    images: [
      { name, number: numbers[0] },
      { name: otherName, number: numbers[1] },
    ],
    same: same || name === otherName,
  }
}

function parsePathPair(fields: string[]): Omit<ListedPair, 'line'> | undefined {
  const [first, second, label, fold] = fields
  if (fields.length < 3 || fields.length > 4 || (label !== '0' && label !== '1')) return undefined
  // `name 3 1` is image 3 and image 1 of a person.
  if (parseImageNumber(second!) !== undefined) return undefined
  if (fold !== undefined && !/^\d{1,9}$/.test(fold)) return undefined
  return {
    images: [{ path: first! }, { path: second! }],
    same: label === '1',
    ...(fold === undefined ? {} : { fold: Number(fold) }),
  }
}

/** `672`, `0672`, `672.` and `672.0`: tables that went through floating point. */
function parseImageNumber(field: string): number | undefined {
  return /^\d{1,15}(\.0*)?$/.test(field) ? Number.parseInt(field, 10) : undefined
}

function requireOneFoldEach(pairs: ListedPair[], file: string): void {
  const odd = pairs.find(({ fold }) => (fold === undefined) !== (pairs[0]!.fold === undefined))
  if (odd === undefined) return
  throw new InputError({
    file,
    line: odd.line,
    problem: 'some pairs have a fold and some have none',
    fix: 'Give every pair a fold as its fourth field, or none',
  })
}

function applyHeader({ folds, pairsOfAKind }: Header, pairs: ListedPair[], file: string): void {
  const size = 2 * pairsOfAKind
  const expected = (folds ?? 1) * size
  if (pairs.length !== expected) {
    throw new InputError({
      file,
      problem: `the pair list does not hold what its first line says`,
      expected: `${expected} pairs (${folds === undefined ? '' : `${folds} folds of `}${pairsOfAKind} + ${pairsOfAKind})`,
      actual: pairs.length,
      fix: `The file ${basename(file)} may be cut short; without its first line it is read as it is`,
    })
  }
  if (folds === undefined) return
  for (const [index, pair] of pairs.entries()) pair.fold = Math.floor(index / size)
}
