import { ExitCode } from './exit-code.js'
import { FacedataError } from './facedata-error.js'

/** Where in the input a fault lies, what was expected there, what was found, and what to do about it. */
export interface Fault {
  file?: string
  /** Key of the record in its dataset, or its position where it has no key. */
  record?: number | bigint
  /** Byte offset in `file`. */
  offset?: number
  /** Line in `file`, counted from 1. */
  line?: number
  /** What is wrong, in words. */
  problem: string
  expected?: string | number | bigint
  actual?: string | number | bigint
  /** What the user can do. */
  fix?: string
}

/** Input data that cannot be used as it is (exit 3). The message is built from the fault, so that all read alike. */
export class InputError extends FacedataError {
  readonly fault: Fault

  constructor(fault: Fault, options?: ErrorOptions) {
    super(describeFault(fault), ExitCode.inputData, options)
    this.fault = fault
  }
}

/** One line: `train.rec: record 7 at offset 4096: bad magic: expected 0xced7230a, found 0x0. Fix: ...` */
export function describeFault(fault: Fault): string {
  const place = [
    fault.line === undefined ? '' : `line ${fault.line}`,
    fault.record === undefined ? '' : `record ${fault.record}`,
    fault.offset === undefined ? '' : `at offset ${fault.offset}`,
  ]
    .filter(Boolean)
    .join(' ')
  const where = [fault.file ?? '', place].filter(Boolean).join(': ')
  const comparison =
    fault.expected === undefined && fault.actual === undefined
      ? ''
      : `: ${[
          fault.expected === undefined ? '' : `expected ${fault.expected}`,
          fault.actual === undefined ? '' : `found ${fault.actual}`,
        ]
          .filter(Boolean)
          .join(', ')}`
  const fix = fault.fix === undefined ? '' : `. ${fault.fix}`
  return `${where === '' ? '' : `${where}: `}${fault.problem}${comparison}${fix}`
}
