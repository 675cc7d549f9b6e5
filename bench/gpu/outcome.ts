import { median } from '../pairing.js'
import type { GpuWork, Measurement } from './work.js'

/** What one side of a row came to. */
export interface SideOutcome {
  measurements: Measurement[]
  /** MiB of GPU memory beyond what was in use before; undefined where nothing tells. */
  memory: number | undefined
  /** Why there is nothing, or not all. */
  problem: string | undefined
}

/** A row of the table; `pytorch` where it is there. */
export interface RowOutcome {
  work: GpuWork
  ours: SideOutcome
  pytorch: SideOutcome | undefined
}

/** The header of the table, and its lines: what has no figure has a dash, and its reason below the table. */
export function outcomeTable(outcomes: readonly RowOutcome[]): string[] {
  const reasons = outcomes.flatMap(({ work, ours, pytorch }) => [
    ...reasonOf(`${work.name}, facedata`, ours),
    ...reasonOf(`${work.name}, PyTorch`, pytorch),
  ])
  return [
    '| Work | Batch | Classes | facedata, images/s | GPU memory, MiB | PyTorch, images/s | GPU memory, MiB | Ratio |',
    '|---|---|---|---|---|---|---|---|',
    ...outcomes.map(({ work, ours, pytorch }) => {
      const cells = [work.name, work.batchSize, work.classes.toLocaleString('en-US')]
      return `| ${[...cells, ...figures(ours), ...figures(pytorch), ratio(ours, pytorch)].join(' | ')} |`
    }),
    ...(reasons.length > 0 ? ['', ...reasons] : []),
  ]
}

/** Median over the rounds, images a second. */
export function rateOf(side: SideOutcome | undefined): number | undefined {
  if (side === undefined || side.measurements.length === 0) return undefined
  return median(side.measurements.map(({ images, seconds }) => images / seconds))
}

function figures(side: SideOutcome | undefined): string[] {
  const rate = rateOf(side)
  return [rate === undefined ? '-' : digits(rate), side?.memory === undefined ? '-' : digits(side.memory)]
}

function ratio(ours: SideOutcome, pytorch: SideOutcome | undefined): string {
  const [our, other] = [rateOf(ours), rateOf(pytorch)]
  return our === undefined || other === undefined ? '-' : (our / other).toFixed(2)
}

function reasonOf(name: string, side: SideOutcome | undefined): string[] {
  return side?.problem === undefined ? [] : [`- ${name}: ${side.problem}`]
}

function digits(value: number): string {
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US')
}
