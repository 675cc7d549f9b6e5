/** Members 0 to count - 1 in sets that grow together (union by smallest member, with path halving). */
export class JoinedSets {
  readonly #above: Int32Array

  constructor(count: number) {
    this.#above = Int32Array.from({ length: count }, (_, member) => member)
  }

  /** The smallest member of the set. */
  first(member: number): number {
    const above = this.#above
    let at = member
    while (above[at] !== at) {
      above[at] = above[above[at]!]!
      at = above[at]!
    }
    return at
  }

  join(a: number, b: number): void {
    const [first, second] = [this.first(a), this.first(b)]
    this.#above[Math.max(first, second)] = Math.min(first, second)
  }

  /** The number of each member's set, in the order of their first members. */
  numbers(): Int32Array {
    const numbers = new Int32Array(this.#above.length)
    let next = 0
    for (let member = 0; member < numbers.length; member++) {
      const first = this.first(member)
      numbers[member] = first === member ? next++ : numbers[first]!
    }
    return numbers
  }
}
