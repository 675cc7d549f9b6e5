import { parentPort, Worker } from 'node:worker_threads'
import { FacedataError } from '../errors/index.js'

interface Call {
  id: number
  method: string
  parameters: unknown[]
}

/** What is not answered. */
type Notice = Omit<Call, 'id'>

type Answer = { id: number; result: unknown } | { id: number; problem: string }

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

/**
 * Calls into a worker thread that are answered in order. Arrays are copied on the way, or moved where `moved` names
 * their memory, so neither side can see the other change them.
 */
export class WorkerCalls {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #closed = false

  constructor(entry: URL) {
    // The parent's own flags, such as --input-type, are not for this file.
    this.#worker = new Worker(entry, { execArgv: [] })
    this.#worker.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id)
      this.#waiting.delete(answer.id)
      if ('problem' in answer) waiting?.reject(new FacedataError(answer.problem))
      else waiting?.resolve(answer.result)
    })
    this.#worker.on('error', (error) => this.#fail(`the engine's thread failed: ${error.message}`))
    this.#worker.on('exit', () => this.#fail("the engine's thread has ended"))
  }

  /** The first call. Where it fails, the thread is ended. @throws FacedataError with the worker's message */
  async create<Result>(parameters: unknown[]): Promise<Result> {
    try {
      return await this.call<Result>('create', parameters)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** @throws FacedataError with the worker's message */
  call<Result>(method: string, parameters: unknown[] = [], moved: ArrayBuffer[] = []): Promise<Result> {
    if (this.#closed) return Promise.reject(new FacedataError('the engine is closed'))
    const id = ++this.#lastId
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (result) => resolve(result as Result), reject })
      this.#worker.postMessage({ id, method, parameters } satisfies Call, moved)
    })
  }

  /** Without an answer. The worker hears it at once, also while it answers a call and waits for something. */
  tell(method: string, parameters: unknown[], moved: ArrayBuffer[] = []): void {
    if (!this.#closed) this.#worker.postMessage({ method, parameters } satisfies Notice, moved)
  }

  /** Lets the worker answer what was asked, then ends it. Closing twice is fine. */
  async close(): Promise<void> {
    if (this.#closed) return
    const closing = this.call('close')
    this.#closed = true
    await closing
    await this.#worker.terminate()
  }

  #fail(problem: string): void {
    this.#closed = true
    for (const waiting of this.#waiting.values()) waiting.reject(new FacedataError(problem))
    this.#waiting.clear()
  }
}

/** What a worker thread offers, by method name. */
export type Handlers = Record<string, (...parameters: never[]) => unknown>

/** Answers the calls of this worker's parent one after the other, and hears its notices when they come. */
export function answerCalls(handlers: Handlers): void {
  const port = parentPort
  if (port === null) throw new Error('this file is the entry of a worker thread')
  let previous: Promise<void> = Promise.resolve()
  port.on('message', (message: Call | Notice) => {
    const { method, parameters } = message
    const handler = handlers[method] as (...parameters: unknown[]) => unknown
    if (!('id' in message)) {
      handler(...parameters)
      return
    }
    const { id } = message
    previous = previous.then(async () => {
      try {
        port.postMessage({ id, result: await handler(...parameters) } satisfies Answer)
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error)
        port.postMessage({ id, problem } satisfies Answer)
      }
    })
  })
}
