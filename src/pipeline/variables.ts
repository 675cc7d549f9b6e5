/** `$${` is the characters themselves; `${NAME}` and `${NAME:-default}` stand for values. */
const REFERENCE = /\$\$\{|\$\{([^}]*)\}?/g
const NAME = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s

/** Fills in what a pipeline takes from the environment, and keeps what it was: no log may show it. */
export class Variables {
  readonly #environment: Readonly<Record<string, string | undefined>>
  readonly #used = new Map<string, string>()

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment
  }

  /** Values that came from the environment, by name; defaults that stand in the file are not among them. */
  get used(): ReadonlyMap<string, string> {
    return this.#used
  }

  /** The text with its references filled in. @throws Error that says what is wrong with one */
  expand(text: string): string {
    return text.replaceAll(REFERENCE, (reference: string, inside: string | undefined) =>
      inside === undefined ? '${' : this.#valueOf(reference, inside),
    )
  }

  #valueOf(reference: string, inside: string): string {
    const [, name, fallback] = NAME.exec(inside) ?? []
    if (name === undefined || !reference.endsWith('}')) {
      throw new Error(
        `${reference} names no variable. Write \${NAME} or \${NAME:-default}; for the characters themselves, $\${`,
      )
    }
    const value = this.#environment[name]
    if (value !== undefined && (value !== '' || fallback === undefined)) {
      this.#used.set(name, value)
      return value
    }
    if (fallback !== undefined) return fallback
    throw new Error(
      `the environment has no variable ${name}. Set it, or give a default: \${${name}:-default}`,
    )
  }
}
