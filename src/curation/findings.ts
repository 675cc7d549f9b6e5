import { GrowingColumn } from '../dataset/index.js'
import type { RuleName } from './rule.js'

/** What a rule says of an image. */
export interface Finding {
  rule: RuleName
  /** Of the image in its dataset, in file order. */
  position: number
  /** What the rule measured: see its summary. */
  value: number
  /** Position of the image that it is like; undefined where it is compared with none. */
  like: number | undefined
}

const NONE = -1

/** Findings by columns, in the order in which they were made: no object for each of them. */
export class Findings {
  readonly #rules: readonly RuleName[]
  readonly #ruleOf = new GrowingColumn()
  readonly #positions = new GrowingColumn()
  readonly #values = new GrowingColumn()
  readonly #likes = new GrowingColumn()

  /** @param rules that make the findings, the weightiest first */
  constructor(rules: readonly RuleName[]) {
    this.#rules = rules
  }

  get count(): number {
    return this.#positions.length
  }

  add(rule: RuleName, position: number, value: number, like: number = NONE): void {
    this.#ruleOf.push(this.#rules.indexOf(rule))
    this.#positions.push(position)
    this.#values.push(value)
    this.#likes.push(like)
  }

  at(index: number): Finding {
    const like = this.#likes.values[index]!
    return {
      rule: this.#rules[this.#ruleOf.values[index]!]!,
      position: this.#positions.values[index]!,
      value: this.#values.values[index]!,
      like: like === NONE ? undefined : like,
    }
  }

  /**
   * Numbers of the findings, the most certain of the weightiest rule first; of each image they stand together, where
   * its first one stands. @param distance of a value from the threshold of its rule, the larger the more certain
   */
  ranked(distance: (finding: Finding) => number): Uint32Array {
    const rules = this.#ruleOf.values
    const positions = this.#positions.values
    const distances = Float64Array.from({ length: this.count }, (_, index) => distance(this.at(index)))
    const byWeight = (a: number, b: number) =>
      rules[a]! - rules[b]! || distances[b]! - distances[a]! || positions[a]! - positions[b]! || a - b
    const order = new Uint32Array(this.count).map((_, index) => index).sort(byWeight)
    const placeOf = new Map<number, number>()
    for (const [place, index] of order.entries()) {
      const position = positions[index]!
      if (!placeOf.has(position)) placeOf.set(position, place)
    }
    const place = (index: number) => placeOf.get(positions[index]!)!
    return order.sort((a, b) => place(a) - place(b) || byWeight(a, b))
  }
}
