import { InvalidArgumentError } from 'commander'
import { datasetsOption } from '../stages/common-options.js'

/** @throws InvalidArgumentError, as all that commander asks for the value of an option */
export function parseNumber(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('a number is expected.')
  return value
}

/** A parser of whole numbers from `from` up, or up to `to`. */
export function wholeNumber({ from, to }: { from: number; to?: number }): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (Number.isSafeInteger(value) && value >= from && value <= (to ?? value)) return value
    throw new InvalidArgumentError(
      `a whole number from ${from} ${to === undefined ? 'up' : `to ${to}`} is expected.`,
    )
  }
}

/** Threads, and all else of which there is one at least. */
export const parseCount = wholeNumber({ from: 1 })

/** The values of an option that may be repeated. */
export function gather(value: string, earlier: string[] = []): string[] {
  return [...earlier, value]
}

/** Flag and help of the option that stages have by their schema, for the commands that are none. */
export const datasetsFlag = ['--datasets <DIR>', String(datasetsOption.meta()?.['description'])] as const
