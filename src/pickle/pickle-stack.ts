import type { PickleInput } from './pickle-input.js'
import type { PickleValue } from './values.js'

/** Marks that may be open at once. Python's own pickler gives up at about a thousand levels of nesting. */
const DEEPEST_MARK = 1000

/** The value stack of the pickle machine with its marks. */
export class PickleStack {
  readonly #input: PickleInput
  readonly #values: PickleValue[] = []
  readonly #marks: number[] = []

  constructor(input: PickleInput) {
    this.#input = input
  }

  push(value: PickleValue): void {
    this.#values.push(value)
  }

  mark(): void {
    if (this.#marks.length === DEEPEST_MARK) throw this.#input.fault(`more than ${DEEPEST_MARK} open marks`)
    this.#marks.push(this.#values.length)
  }

  pop(): PickleValue {
    this.#require(1)
    return this.#values.pop()!
  }

  top(): PickleValue {
    this.#require(1)
    return this.#values[this.#values.length - 1]!
  }

  /** Removes and returns the last `count` values. */
  take(count: number): PickleValue[] {
    this.#require(count)
    return this.#values.splice(this.#values.length - count, count)
  }

  /** Removes the last mark and all values above it, and returns these. */
  takeToMark(): PickleValue[] {
    const mark = this.#marks.pop()
    if (mark === undefined) throw this.#input.fault('there is no mark')
    return this.#values.splice(mark)
  }

  /** POP at a mark removes the mark. */
  popValueOrMark(): void {
    if (this.#marks.length > 0 && this.#marks[this.#marks.length - 1] === this.#values.length)
      this.#marks.pop()
    else this.pop()
  }

  /** Values below a mark belong to what was begun before it. */
  #require(count: number): void {
    const floor = this.#marks[this.#marks.length - 1] ?? 0
    if (this.#values.length - floor < count) {
      throw this.#input.fault(`the stack holds ${this.#values.length - floor} values, it needs ${count}`)
    }
  }
}
