/** One line of news for a person or a log file. `fields` land in JSON logs as they are. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
}

/** How far a piece of work has come. Implementations show rate and time left. */
export interface Progress {
  /** Begins a phase; the one before it is over. `total` in units, `unit` as a plural noun ("images"). */
  start(phase: string, total: number, unit: string): void
  advance(count: number): void
  finish(): void
}

export const silentLog: Log = { info() {}, warn() {} }
export const silentProgress: Progress = { start() {}, advance() {}, finish() {} }
