import type { TransferListItem } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { messageToError } from './error-message.js'
import type { Task } from './task.js'
import { failureKey, type TaskFailure } from './task-entry.js'

export interface RunOptions {
  /** Aborting stops the thread where it is; the promise rejects with the signal's reason. */
  signal?: AbortSignal
  /** Memory and ports handed to the worker instead of copied. */
  transfer?: TransferListItem[]
}

/** How piscina begins its complaint of a result that no task waits for. */
const LATE_RESULT = 'Unexpected message from Worker'

const entry = new URL('../../dist/workers/task-entry.js', import.meta.url)

/**
 * Threads that run the exported functions of one module, one task a thread at a time, in the order of the calls.
 *
 * ```ts
 * const pool = new WorkerPool<typeof import('./shard-worker.js')>(workerUrl, { threads: 4 })
 * const result = await pool.run('workOnShard', payload, { signal })
 * ```
 *
 * Errors thrown by a task arrive with their class, fault and exit code. A thread that dies (out of memory,
 * `process.exit`) rejects the task that it ran and is replaced.
 */
export class WorkerPool<Tasks extends Record<keyof Tasks, Task> = Record<string, Task>> {
  readonly #piscina: Piscina
  readonly #module: string

  /** `module` is the URL of compiled code. Threads start with the first tasks. */
  constructor(module: URL, options: { threads: number }) {
    this.#module = module.href
    this.#piscina = new Piscina({
      filename: entry.href,
      minThreads: 0,
      maxThreads: options.threads,
      // A thread costs tens of milliseconds to start and loads native libraries: keep it until `close`.
      idleTimeout: Number.POSITIVE_INFINITY,
      // Between tasks the thread's event loop goes on turning, so that ports and files it left open can close.
      atomics: 'disabled',
      recordTiming: false,
    })
    this.#piscina.on('error', (error: Error) => {
      // A result may be on its way when its thread is stopped: whoever asked for it was told of the stop.
      if (!error.message.startsWith(LATE_RESULT)) throw error
    })
  }

  /** Calls an exported function in a free thread, or queues the call until one is free. */
  async run<Name extends keyof Tasks & string>(
    name: Name,
    payload: Parameters<Tasks[Name]>[0],
    options: RunOptions = {},
  ): Promise<Awaited<ReturnType<Tasks[Name]>>> {
    const { signal, transfer } = options
    signal?.throwIfAborted()
    let answer: unknown
    try {
      answer = await this.#piscina.run(
        { module: this.#module, name, payload },
        { signal: signal ?? null, ...(transfer === undefined ? {} : { transferList: transfer }) },
      )
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
    if (isFailure(answer)) throw messageToError(answer[failureKey])
    return answer as Awaited<ReturnType<Tasks[Name]>>
  }

  /** Stops all threads, running tasks included: their promises reject. Await the tasks first to keep their results. */
  async close(): Promise<void> {
    await this.#piscina.destroy()
  }
}

function isFailure(answer: unknown): answer is TaskFailure {
  return typeof answer === 'object' && answer !== null && failureKey in answer
}
