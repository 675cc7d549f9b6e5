import { ExitCode } from './exit-code.js'

/** Base of every error that facedata raises on purpose: a message for a person and an exit code for a script. */
export class FacedataError extends Error {
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = ExitCode.failed, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.exitCode = exitCode
  }
}

/** A command line or a configuration that cannot be carried out as written (exit 2). */
export class UsageError extends FacedataError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, ExitCode.usage, options)
  }
}

/** Another run holds the lock on what this one would write (exit 4). */
export class LockedError extends FacedataError {
  constructor(message: string) {
    super(message, ExitCode.locked)
  }
}

/** `--strict` was given and something was skipped, so nothing was published (exit 5). */
export class StrictError extends FacedataError {
  constructor(message: string) {
    super(message, ExitCode.strict)
  }
}

/** What a step would publish is not what its pipeline expects, so nothing was published (exit 1). */
export class GuardError extends FacedataError {}

/** The deadline of a run passed: what it finished is published, and the same command goes on (exit 6). */
export class DeadlineError extends FacedataError {
  constructor(deadline: Date) {
    super(
      `the deadline ${deadline.toISOString()} passed; run the same command again to go on`,
      ExitCode.deadline,
    )
  }
}

/** The run was told to stop; what it finished is kept, and the same command resumes (exit 130 or 143). */
export class InterruptedError extends FacedataError {
  constructor(signal: 'SIGINT' | 'SIGTERM' = 'SIGINT') {
    super(
      `stopped by ${signal}; run the same command again to resume`,
      signal === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated,
    )
  }
}

/** Writing failed: disk full, no permission, read-only file system (exit 1). */
export class OutputError extends FacedataError {}
