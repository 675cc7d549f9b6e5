import { z } from 'zod'
import { GuardError } from '../errors/index.js'
import { type Measure, type Measures, measureNames } from '../stages/measures.js'

/** One guard: `>= 5000`, `>= 0.98 of current`. */
export interface Expectation {
  /** As it is written. */
  text: string
  comparison: keyof typeof comparisons
  value: number
  /** The value is a share of what is published now. */
  ofCurrent: boolean
}

const comparisons = {
  '>=': (a: number, b: number) => a >= b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '<': (a: number, b: number) => a < b,
}

const COMPARISON = /^(>=|<=|>|<) *(\d+(?:\.\d+)?)( +of +current)?$/
const BYTES = /^>= *(\d+(?:\.\d+)?) *(kB|MB|GB|TB)$/
const UNITS = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }

const comparison = (description: string) =>
  z
    .string()
    .regex(COMPARISON, 'expected a comparison, such as ">= 5000" or ">= 0.98 of current"')
    .transform(parseExpectation)
    .optional()
    .meta({ description })

/** The key `expect` of a step. */
export const expectSchema = z.strictObject({
  identities: comparison('people with images: ">= 5000", or ">= 0.98 of current", of what is published now'),
  images: comparison('images: ">= 100000", or ">= 0.98 of current"'),
  pairs: comparison('pairs of a bin: ">= 6000", or ">= 1 of current"'),
  accuracy: comparison(
    'between 0 and 1: of evaluate, the lowest of its bins; of train, the mean over its val_targets. ">= 0.95"',
  ),
  free: z
    .string()
    .regex(BYTES, 'expected a size, such as ">= 20 GB" (kB, MB, GB or TB)')
    .transform(parseBytes)
    .optional()
    .meta({ description: 'room on the disk of the output before the step begins: ">= 20 GB"' }),
})

/** Those of a step. */
export type Expectations = z.output<typeof expectSchema>

/** The measures that are expected to be something. */
export function expectedMeasures(expect: Expectations): [Measure, Expectation][] {
  return measureNames.flatMap((name): [Measure, Expectation][] => {
    const expectation = expect[name]
    return expectation === undefined ? [] : [[name, expectation]]
  })
}

/**
 * Compares what would be published with what is expected of it.
 * @param current of what is published now; a measure that it has not, or 0, is compared with nothing
 * @throws GuardError with all that is not as expected
 */
export function checkExpectations(expect: Expectations, found: Measures, current: Measures): void {
  const faults = expectedMeasures(expect).flatMap(([name, expectation]) =>
    faultOf(name, expectation, found[name], current[name]),
  )
  if (faults.length > 0) throw new GuardError(faults.join('; '))
}

function faultOf(
  name: Measure,
  { text, comparison, value, ofCurrent }: Expectation,
  found: number | undefined,
  current: number | undefined,
): string[] {
  if (found === undefined) return [`${name}: expected ${text}, and nothing of the kind was measured`]
  if (ofCurrent && !current) return []
  const bound = ofCurrent ? inDecimals(value * current!) : value
  if (comparisons[comparison](found, bound)) return []
  const expected = ofCurrent ? `${text} (${numberText(current!)} now)` : text
  return [`${name}: expected ${expected}, found ${numberText(found)}`]
}

/** Digits that a product of two numbers as one writes them has for sure: behind them binary fractions show. */
const DIGITS = 12

/** 0.28 * 25 is 7, and not 7.000000000000001, of which 7 would be less. */
function inDecimals(product: number): number {
  return Number(product.toPrecision(DIGITS))
}

function parseExpectation(text: string): Expectation {
  const [, comparison, value, ofCurrent] = COMPARISON.exec(text)!
  return {
    text,
    comparison: comparison as Expectation['comparison'],
    value: Number(value),
    ofCurrent: ofCurrent !== undefined,
  }
}

function parseBytes(text: string): { text: string; bytes: number } {
  const [, value, unit] = BYTES.exec(text)!
  return { text, bytes: Number(value) * UNITS[unit as keyof typeof UNITS] }
}

function numberText(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 5 })
}
