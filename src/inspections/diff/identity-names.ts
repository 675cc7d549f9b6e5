/** Numbers for the names of identities, the same in both datasets. */
export class IdentityNames {
  readonly #numbers = new Map<string, number>()
  readonly #names: string[] = []

  get count(): number {
    return this.#names.length
  }

  numberOf(name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    this.#names.push(name)
    this.#numbers.set(name, this.#names.length - 1)
    return this.#names.length - 1
  }

  name(number: number): string {
    return this.#names[number]!
  }
}
