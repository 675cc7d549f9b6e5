import type { Progress } from '../progress/progress.js'
import { standardError } from './standard-error.js'

/** A bar with rate, time left and what was skipped on a terminal; elsewhere (cron, a log file) plain lines now and then. */
export function consoleProgress(): Progress {
  return standardError
}
