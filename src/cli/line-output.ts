import { writeSync } from 'node:fs'
import { ExitCode } from '../errors/index.js'

/** Characters gathered before one write: of millions of short lines, each would cost a system call. */
const BLOCK_LENGTH = 64 * 1024

const STANDARD_OUTPUT = 1

/** Pause before a full pipe is tried again. */
const RETRY_MS = 2

const pause = new Int32Array(new SharedArrayBuffer(4))

/**
 * Standard output for long lists. What is written shows when the event loop turns, at the latest. It waits for a slow
 * reader of a pipe, where `process.stdout` would gather all in memory.
 */
export class LineOutput {
  #text = ''

  write(text: string): void {
    if (this.#text === '') setImmediate(() => this.flush())
    this.#text += text
    if (this.#text.length >= BLOCK_LENGTH) this.flush()
  }

  flush(): void {
    const bytes = Buffer.from(this.#text, 'utf8')
    this.#text = ''
    for (let written = 0; written < bytes.length; ) written += tryWrite(bytes.subarray(written))
  }
}

function tryWrite(bytes: Buffer): number {
  try {
    return writeSync(STANDARD_OUTPUT, bytes)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A reader that has seen enough, such as `head`, closes the pipe: there is nobody left to tell.
    if (code === 'EPIPE') process.exit(ExitCode.failed)
    if (code !== 'EAGAIN') throw error
    Atomics.wait(pause, 0, 0, RETRY_MS)
    return 0
  }
}
