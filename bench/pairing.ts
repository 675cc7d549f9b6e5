/** What one round of a side did. */
export interface Round {
  /** In the unit of its row: images, records, bytes. */
  amount: number
  seconds: number
}

/** One side of a comparison. */
export interface Side {
  name: string
  /** Brings the side to its start (removes its last output); not timed. */
  reset?(): Promise<void>
  round(): Promise<Round>
}

/**
 * Runs the sides in turn, A B A B ..., after one round of each that does not count, and returns their rates (amount a
 * second): a list for each side, one entry a turn.
 */
export async function interleave(
  sides: readonly Side[],
  turns: number,
  onRound: (side: Side, turn: number, rate: number) => void,
): Promise<number[][]> {
  const rates: number[][] = sides.map(() => [])
  for (let turn = 0; turn <= turns; turn++) {
    for (const [index, side] of sides.entries()) {
      await side.reset?.()
      const { amount, seconds } = await side.round()
      await side.reset?.()
      const rate = amount / seconds
      onRound(side, turn, rate)
      if (turn > 0) rates[index]!.push(rate)
    }
  }
  return rates
}

export interface Ratio {
  /** Geometric mean of the pairs' ratios. */
  ratio: number
  /** With a confidence of 95 % the ratio is above this. */
  lowerBound: number
}

/**
 * How many times as fast the first side is: Student's t on the logarithms of the pairs' ratios, one-sided. A pair is
 * one turn of both sides, so that what slows the machine for a while slows both.
 */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Ratio {
  const logs = ours.map((rate, pair) => Math.log(rate / theirs[pair]!))
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length
  if (logs.length < 2) return { ratio: Math.exp(mean), lowerBound: 0 }
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1)
  const margin = studentQuantile(logs.length - 1) * Math.sqrt(variance / logs.length)
  return { ratio: Math.exp(mean), lowerBound: Math.exp(mean - margin) }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** 95 % quantiles of Student's t for 1, 2, 3 ... degrees of freedom. */
const QUANTILES = [
  6.314, 2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753,
]

/** Past the table its last value is used, which makes the bound a little lower than it need be. */
function studentQuantile(degrees: number): number {
  return QUANTILES[Math.min(degrees, QUANTILES.length) - 1]!
}
