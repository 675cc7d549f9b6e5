import { setMaxListeners } from 'node:events'
import { InterruptedError } from '../errors/index.js'
import { standardError } from './standard-error.js'

/**
 * Aborts on the first SIGINT or SIGTERM, so that the stage stops cleanly between two pieces of work; a second one ends
 * the process at once. The reason is an InterruptedError with the exit code of the signal.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  // One listener for each shard that waits: not a leak.
  setMaxListeners(0, controller.signal)
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      const error = new InterruptedError(name)
      if (controller.signal.aborted) endAtOnce(name, error)
      standardError.info(`${name}: stopping (again to stop at once)`)
      controller.abort(error)
    })
  }
  return controller.signal
}

/** As the signal does by itself: leaving in an orderly way stops threads, and native code that is at work in them aborts. */
function endAtOnce(name: NodeJS.Signals, { exitCode }: InterruptedError): never {
  process.removeAllListeners(name)
  process.kill(process.pid, name)
  // The first process of a container is spared by its own signals.
  process.exit(exitCode)
}
