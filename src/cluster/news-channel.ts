import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { Log, Progress } from '../progress/progress.js'
import type { ShardNews } from './shard-worker.js'

/** Brings what a shard says in its thread to the log and the progress of the run. */
export class NewsChannel {
  /** For the thread. */
  readonly port: MessagePort
  readonly #here: MessagePort
  readonly #tell: (news: ShardNews) => void

  constructor({ log, progress }: { log: Log; progress: Progress }) {
    const { port1, port2 } = new MessageChannel()
    this.port = port2
    this.#here = port1
    this.#tell = (news) => {
      if (news.kind === 'advance') progress.advance(news.count, { skipped: news.skipped })
      else log[news.kind](news.message, news.fields)
    }
    port1.on('message', this.#tell)
  }

  /** Asks the shard to stop by itself. */
  stop(): void {
    this.#here.postMessage('stop')
  }

  /** Tells what is still on its way first: a result comes by another port, and may be faster than a last warning. */
  close(): void {
    for (let left = receiveMessageOnPort(this.#here); left; left = receiveMessageOnPort(this.#here)) {
      this.#tell(left.message as ShardNews)
    }
    this.#here.close()
  }
}
