import type { ByteSink } from './byte-sink.js'

/** Bytes gathered before one write: fewer cost more calls, and more no longer lie in the processor's cache when written. */
const BLOCK_BYTES = 512 * 1024

/** UTF-8 needs no more bytes than this for one UTF-16 code unit. */
const MOST_BYTES_A_UNIT = 3

/** The next claim takes a block. */
const NO_ROOM = Buffer.alloc(0)

/**
 * Gathers what is appended into blocks and hands full ones to a sink in the background. Appending never waits, so that
 * millions of small pieces cost no promise each; the caller awaits `ready` now and then, at least once for some
 * megabytes, and so bounds the memory.
 */
export class BlockWriter {
  readonly #sink: ByteSink
  readonly #blockBytes: number
  readonly #spare: Buffer[] = []
  #block: Buffer = NO_ROOM
  #filled = 0
  #handedOver = 0
  #waiting = 0
  #beforeLast: Promise<void> = Promise.resolve()
  #last: Promise<void> = Promise.resolve()

  constructor(sink: ByteSink, blockBytes = BLOCK_BYTES) {
    this.#sink = sink
    this.#blockBytes = blockBytes
  }

  /** Bytes appended so far. */
  get position(): number {
    return this.#handedOver + this.#filled
  }

  /** The memory that `claim` gave room in: valid until the next claim. */
  get block(): Buffer {
    return this.#block
  }

  /** Takes the next `length` bytes, to be filled by the caller at once, and returns where they begin in `block`. */
  claim(length: number): number {
    if (this.#filled + length > this.#block.length) this.#turn(length)
    const at = this.#filled
    this.#filled += length
    return at
  }

  /** Takes back the last `length` bytes claimed. */
  giveBack(length: number): void {
    this.#filled -= length
  }

  append(bytes: Uint8Array): void {
    const at = this.claim(bytes.length)
    this.#block.set(bytes, at)
  }

  /** Appends UTF-8 text and returns its number of bytes. */
  appendText(text: string): number {
    const room = text.length * MOST_BYTES_A_UNIT
    const at = this.claim(room)
    const length = this.#block.write(text, at, 'utf8')
    this.giveBack(room - length)
    return length
  }

  /** Whether full blocks pile up: then it is time to await `ready`. */
  get behind(): boolean {
    return this.#waiting > 1
  }

  /** Waits until all but the last block handed over are written. @throws what the sink throws */
  async ready(): Promise<void> {
    await this.#beforeLast
  }

  /** Waits until everything is with the sink. @throws what the sink throws */
  async flush(): Promise<void> {
    this.#handOver()
    await this.#last
  }

  /** Goes on in another block, which has room for `length` bytes. */
  #turn(length: number): void {
    this.#handOver()
    if (length > this.#blockBytes) this.#block = Buffer.allocUnsafeSlow(length)
    else this.#block = this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#blockBytes)
  }

  #handOver(): void {
    if (this.#filled === 0) return
    const block = this.#block
    const bytes = block.subarray(0, this.#filled)
    this.#handedOver += this.#filled
    this.#filled = 0
    this.#block = NO_ROOM
    this.#beforeLast = this.#last
    this.#waiting++
    this.#last = this.#last.then(async () => {
      await this.#sink.write(bytes)
      this.#waiting--
      if (block.length === this.#blockBytes) this.#spare.push(block)
    })
    // The error is thrown where it is awaited: by ready or flush.
    this.#last.catch(() => {})
  }
}
