import { median, type Ratio, ratioOf } from './pairing.js'
import type { PreparedRow, Row } from './row.js'

/** One line of the result: one other side. */
export interface Comparison extends Ratio {
  row: string
  work: string
  inputs: string
  unit: string
  ours: string
  other: string
  /** Medians. */
  ourRate: number
  otherRate: number
  bar: number
  /** Whether the lower bound reaches the bar. */
  met: boolean
  /** Of each pair, for both sides. */
  ourRates: number[]
  otherRates: number[]
}

/** @param rates as `interleave` gives them, our side first */
export function compare(row: Row, { inputs, ours, others }: PreparedRow, rates: number[][]): Comparison[] {
  const [ourRates, ...otherRates] = rates as [number[], ...number[][]]
  return others.map(({ side, bar }, index) => {
    const ratio = ratioOf(ourRates, otherRates[index]!)
    return {
      row: row.name,
      work: row.work,
      inputs,
      unit: row.unit,
      ours: ours.name,
      other: side.name,
      ourRate: median(ourRates),
      otherRate: median(otherRates[index]!),
      ...ratio,
      bar,
      met: ratio.lowerBound >= bar,
      ourRates,
      otherRates: otherRates[index]!,
    }
  })
}

/** A Markdown table. */
export function tableLines(comparisons: readonly Comparison[]): string[] {
  return [
    '| Work | Inputs | facedata | Other side | Its rate | Ratio | Lower 95 % bound | Bar | Met |',
    '|---|---|---|---|---|---|---|---|---|',
    ...comparisons.map(
      ({ work, inputs, unit, other, ourRate, otherRate, ratio, lowerBound, bar, met }) =>
        `| ${work} | ${inputs} | ${rate(ourRate)} ${unit} | ${other} | ${rate(otherRate)} | ${times(ratio)} | ${times(lowerBound)} | ${bar} | ${met ? 'yes' : 'no'} |`,
    ),
  ]
}

function rate(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

function times(value: number): string {
  return value.toFixed(2)
}
