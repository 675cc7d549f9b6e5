/** Characters gathered before one write: of millions of short lines, each would cost a system call. */
const BLOCK_LENGTH = 64 * 1024

/** Standard output for long lists. What is written shows when the event loop turns, at the latest. */
export class LineOutput {
  #text = ''

  write(text: string): void {
    if (this.#text === '') setImmediate(() => this.flush())
    this.#text += text
    if (this.#text.length >= BLOCK_LENGTH) this.flush()
  }

  flush(): void {
    if (this.#text !== '') process.stdout.write(this.#text)
    this.#text = ''
  }
}
