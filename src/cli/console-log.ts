import type { Log } from '../progress/progress.js'

/** Lines for a person on standard error, so that standard output holds nothing but results. */
export const consoleLog: Log = {
  info(message) {
    process.stderr.write(`${message}\n`)
  },
  warn(message) {
    process.stderr.write(`warning: ${message}\n`)
  },
}
