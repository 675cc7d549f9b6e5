import { HashedText } from '../../dataset/index.js'

/** Lines that are kept for the console: the file has all. */
const LINES_SHOWN = 10

/** What cannot be read of a `.rec` file: one line of `train.idx.lost.jsonl`. */
export interface Loss {
  /** Where it begins in the `.rec` file. */
  offset: number
  bytes: number
  reason: string
}

/** Counts and lists what is lost. */
export class LostList {
  readonly #file: HashedText
  readonly shown: Loss[] = []
  count = 0
  bytes = 0

  private constructor(file: HashedText) {
    this.#file = file
  }

  /** @throws OutputError */
  static async create(path: string): Promise<LostList> {
    return new LostList(await HashedText.create(path))
  }

  add(loss: Loss): void {
    this.#file.append(`${JSON.stringify(loss)}\n`)
    this.count++
    this.bytes += loss.bytes
    if (this.shown.length < LINES_SHOWN) this.shown.push(loss)
  }

  /** Waits until the disk has caught up. @throws OutputError */
  async ready(): Promise<void> {
    await this.#file.ready()
  }

  /** @throws OutputError */
  async finish(): Promise<void> {
    await this.#file.finish()
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}
