import type { Side } from './pairing.js'

/** One line of the table: a piece of work, and who else does it. */
export interface Row {
  name: string
  work: string
  /** Of the rates: `images/s`. */
  unit: string
  /** What the row needs and is not on this machine; such a row is measured only where it is asked for by name. */
  missing?(): string | undefined
  prepare(bench: BenchFolder): Promise<PreparedRow>
}

export interface BenchFolder {
  /** For inputs and outputs; removed after the row. */
  path: string
  /** 1 for the sizes of the table; less for a trial. */
  scale: number
}

export interface PreparedRow {
  /** What is worked on: number, size, format. */
  inputs: string
  ours: Side
  others: { side: Side; bar: number }[]
  /** Ends what `prepare` started. */
  close?(): Promise<void>
}

/** A count of the table at the scale of this run, at least `least`. */
export function scaled(count: number, { scale }: BenchFolder, least: number): number {
  return Math.max(least, Math.round(count * scale))
}

/** Whether the machine has what the row needs; says where it has not. */
export function isPossible({ name, missing }: Row): boolean {
  const reason = missing?.()
  if (reason !== undefined) process.stderr.write(`${name}: left out, ${reason}\n`)
  return reason === undefined
}
