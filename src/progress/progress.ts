/** One line of news for a person or a log file. `fields` land in JSON logs as they are. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
}

/** More of a piece of work that is done. */
export interface Advance {
  /** How many of it were left out: images that cannot be read, people who leave. */
  skipped?: number
  /** An earlier run did it: it counts, but not for the rate. */
  earlier?: true
}

/** How far a piece of work has come. Implementations show rate, time left and what was skipped so far. */
export interface Progress {
  /**
   * Begins a phase; the one before it is over. `total` in units, undefined where nobody knows it; `unit` as a plural
   * noun ("images").
   */
  start(phase: string, total: number | undefined, unit: string): void
  /** `count` more of the units are done, those that were skipped among them. */
  advance(count: number, news?: Advance): void
  finish(): void
}

export const silentLog: Log = { info() {}, warn() {} }
export const silentProgress: Progress = { start() {}, advance() {}, finish() {} }
