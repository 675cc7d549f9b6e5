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

/** A row of the table: what each of our devices came to, by its title; `pytorch` where it is there. */
export interface RowOutcome {
  work: GpuWork
  ours: Record<string, SideOutcome>
  pytorch: SideOutcome | undefined
}

/** The header of the table, and its lines: what has no figure has a dash, and its reason below the table. */
export function outcomeTable(titles: readonly string[], outcomes: readonly RowOutcome[]): string[] {
  const reasons = outcomes.flatMap(({ work, ours, pytorch }) => [
    ...titles.flatMap((title) => reasonOf(`${work.name}, ${title}`, ours[title])),
    ...reasonOf(`${work.name}, PyTorch`, pytorch),
  ])
  const columns = [
    ...['Work', 'Batch', 'Classes', 'PyTorch, images/s', 'MiB'],
    ...titles.flatMap((title) => [`${title}, images/s`, 'MiB', 'ratio']),
  ]
  return [
    row(columns),
    row(columns.map(() => '---')),
    ...outcomes.map(({ work, ours, pytorch }) => {
      const sides = titles.flatMap((title) => [...figures(ours[title]), ratio(ours[title], pytorch)])
      const cells = [work.name, `${work.batchSize}`, work.classes.toLocaleString('en-US')]
      return row([...cells, ...figures(pytorch), ...sides])
    }),
    ...(reasons.length > 0 ? ['', ...reasons] : []),
  ]
}

/** Median over the rounds, images a second. */
export function rateOf(side: SideOutcome | undefined): number | undefined {
  if (side === undefined || side.measurements.length === 0) return undefined
  return median(side.measurements.map(({ images, seconds }) => images / seconds))
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function figures(side: SideOutcome | undefined): string[] {
  const rate = rateOf(side)
  return [rate === undefined ? '-' : digits(rate), side?.memory === undefined ? '-' : digits(side.memory)]
}

function ratio(ours: SideOutcome | undefined, pytorch: SideOutcome | undefined): string {
  const [our, other] = [rateOf(ours), rateOf(pytorch)]
  return our === undefined || other === undefined ? '-' : (our / other).toFixed(2)
}

function reasonOf(name: string, side: SideOutcome | undefined): string[] {
  return side?.problem === undefined ? [] : [`- ${name}: ${side.problem}`]
}

function digits(value: number): string {
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US')
}
