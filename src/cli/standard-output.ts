import { writeSync } from 'node:fs'
import { ExitCode, OutputError } from '../errors/index.js'
import { visibleText } from '../terminal/index.js'
import { standardError } from './standard-error.js'

/** Characters gathered before one write: of millions of short lines, each would cost a system call. */
const BLOCK_LENGTH = 64 * 1024

const STANDARD_OUTPUT = 1

/** Pause before a full pipe is tried again. */
const RETRY_MS = 2

const pause = new Int32Array(new SharedArrayBuffer(4))

/**
 * Standard output: results, and long lists of them. What is written shows when the event loop turns, at the latest. It
 * waits for a slow reader of a pipe, where `process.stdout` would gather all in memory.
 */
class StandardOutput {
  #text = ''
  #used = false
  #failure: unknown

  /** Whether anything was written. */
  get used(): boolean {
    return this.#used
  }

  /** Lines for a person. @throws OutputError as `write` */
  writeLines(lines: string[]): void {
    this.write(visibleText(`${lines.join('\n')}\n`))
  }

  /** @throws OutputError, also of an earlier write that went wrong */
  write(text: string): void {
    this.#used = true
    if (this.#text === '') setImmediate(() => this.#flushLater())
    this.#text += text
    if (this.#text.length >= BLOCK_LENGTH) this.flush()
  }

  /** @throws OutputError */
  flush(): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#text === '') return
    const bytes = Buffer.from(this.#text, 'utf8')
    this.#text = ''
    standardError.aside(() => {
      for (let written = 0; written < bytes.length; ) written += tryWrite(bytes.subarray(written))
    })
  }

  /** Nobody would catch what is thrown here: the next one who writes is told. */
  #flushLater(): void {
    try {
      this.flush()
    } catch (error) {
      this.#failure = error
    }
  }
}

export const standardOutput = new StandardOutput()

function tryWrite(bytes: Buffer): number {
  try {
    return writeSync(STANDARD_OUTPUT, bytes)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A reader that has seen enough, such as `head`, closes the pipe: there is nobody left to tell.
    if (code === 'EPIPE') process.exit(ExitCode.failed)
    if (code !== 'EAGAIN') {
      throw new OutputError(`standard output cannot be written: ${(error as Error).message}`, undefined, {
        cause: error,
      })
    }
    Atomics.wait(pause, 0, 0, RETRY_MS)
    return 0
  }
}
