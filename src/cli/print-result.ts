import { type ExitCode, type Fault, InputError } from '../errors/index.js'
import { standardOutput } from './standard-output.js'

/**
 * The result of a command on standard output: with `--json` one JSON object, else lines for a person.
 * @throws OutputError
 */
export function printResult(result: object, json: boolean | undefined, lines: () => string[]): void {
  if (json) standardOutput.write(`${JSON.stringify(result, null, 2)}\n`)
  else standardOutput.writeLines(lines())
  standardOutput.flush()
}

/** What stands on standard output under `--json` where there is no result. */
interface FailureReport {
  error: {
    /** Name of the class: `InputError`, `UsageError`. */
    kind: string
    message: string
    exitCode: ExitCode
    /** Of an InputError. */
    fault?: Fault
  }
}

/** Unless the result itself was printed: that of `verify` or `doctor` tells what is wrong. */
export function printFailure(error: Error, exitCode: ExitCode): void {
  if (standardOutput.used) return
  const report: FailureReport = {
    error: {
      kind: error.name,
      message: error.message,
      exitCode,
      ...(error instanceof InputError && { fault: error.fault }),
    },
  }
  standardOutput.write(`${JSON.stringify(report, writable, 2)}\n`)
}

/** Keys and sizes may be bigints, which JSON has not. */
function writable(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}
