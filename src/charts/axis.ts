/** One axis of a chart. */
export interface Axis {
  label: string
  /** `log` shows what is above 0 alone. */
  scale?: 'linear' | 'log'
  /** Base of the logarithm at the ticks; 10 without it. */
  base?: number
  /** Smallest and largest value; those of the data without it. */
  domain?: [number, number]
  /** Values at the ticks. */
  ticks?: number[]
  format?: (value: number) => string
}

/** Whether an axis can show a value. */
export function shows({ scale }: Axis, value: number): boolean {
  return Number.isFinite(value) && (scale !== 'log' || value > 0)
}
