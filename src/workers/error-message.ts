import {
  type ExitCode,
  FacedataError,
  type Fault,
  InputError,
  InterruptedError,
  LockedError,
  OutputError,
  StrictError,
  UsageError,
} from '../errors/index.js'

/** An error as data: structured cloning alone would drop its class, `fault`, `exitCode` and `code`. */
export interface ErrorMessage {
  name: string
  message: string
  stack?: string
  /** Present on FacedataError. */
  exitCode?: ExitCode
  /** Present on InputError. */
  fault?: Fault
  /** errno name of a system error ("ENOENT"), code of a Node.js error. */
  code?: string
  cause?: ErrorMessage
}

/** By the name that each carries, so that `instanceof` holds on the other side of the thread border. */
const CLASSES: Record<string, { prototype: Error }> = {
  FacedataError,
  InputError,
  InterruptedError,
  LockedError,
  OutputError,
  StrictError,
  UsageError,
  Error,
  TypeError,
  RangeError,
  SyntaxError,
}

/** Anything thrown, as data. */
export function errorToMessage(error: unknown): ErrorMessage {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const code = (error as NodeJS.ErrnoException).code
  return {
    name: error.name,
    message: error.message,
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error instanceof FacedataError ? { exitCode: error.exitCode } : {}),
    ...(error instanceof InputError ? { fault: error.fault } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.cause === undefined ? {} : { cause: errorToMessage(error.cause) }),
  }
}

/**
 * The error again: same class, message, stack (of the thread where it was thrown), fault and exit code. A class that
 * is not known here becomes FacedataError where it has an exit code, else Error, under its own name.
 */
export function messageToError(message: ErrorMessage): Error {
  const known = CLASSES[message.name] ?? (message.exitCode === undefined ? Error : FacedataError)
  const error: Error = Object.create(known.prototype)
  const { name, cause, ...rest } = message
  const properties = { ...rest, ...(cause === undefined ? {} : { cause: messageToError(cause) }) }
  for (const [key, value] of Object.entries({ name, ...properties })) {
    Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false })
  }
  return error
}
