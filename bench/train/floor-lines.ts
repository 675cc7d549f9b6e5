import type { Comparison } from '../table.js'
import { pytorchWork } from './against-pytorch.js'
import { floorOf, measureRates } from './floor.js'

/** For each training step of the table its arithmetic floor, and how many times that it takes. */
export async function floorLines(comparisons: readonly Comparison[]): Promise<string[]> {
  const rates = await measureRates()
  const lines = [
    `- Matrix products: ${giga(rates.flops)} GFLOP/s; additions: ${giga(rates.bytes)} GB/s`,
    '',
    '| Step | Products | Memory | Floor | Measured | Ratio |',
    '|---|---|---|---|---|---|',
  ]
  for (const work of pytorchWork) {
    const comparison = comparisons.find(({ row }) => row === work.name)
    if (comparison === undefined || work.embed) continue
    const { flops, bytes, seconds } = floorOf(work, rates)
    const measured = work.batchSize / comparison.ourRate
    const cells = [
      ...[work.name, `${giga(flops)} GFLOP`, `${giga(bytes)} GB`],
      ...[milliseconds(seconds), milliseconds(measured), (measured / seconds).toFixed(2)],
    ]
    lines.push(`| ${cells.join(' | ')} |`)
  }
  return lines
}

function giga(value: number): string {
  return (value / 1e9).toFixed(1)
}

function milliseconds(seconds: number): string {
  return `${Math.round(1000 * seconds)} ms`
}
