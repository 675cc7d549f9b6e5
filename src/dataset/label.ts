import { InputError } from '../errors/index.js'

/** Every integer up to this is exact in float32, the type of labels and of record 0 in the format. */
export const LARGEST_EXACT_FLOAT32 = 2 ** 24

/** Labels from 0 to the largest. */
export const MOST_IDENTITIES = LARGEST_EXACT_FLOAT32 + 1

/** A label as an identity number. @throws InputError for a fraction, a negative number, or one above 2^24 */
export function checkLabel(label: number, place: { file: string; record: number; offset: number }): number {
  if (Number.isInteger(label) && label >= 0 && label <= LARGEST_EXACT_FLOAT32) return label
  throw new InputError({
    ...place,
    problem: 'the label is not an identity number',
    expected: `a whole number from 0 to ${LARGEST_EXACT_FLOAT32}`,
    actual: String(label),
  })
}
