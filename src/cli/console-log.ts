import type { Log } from '../progress/progress.js'
import { standardError } from './standard-error.js'

/** Lines for a person on standard error. */
export const consoleLog: Log = standardError
