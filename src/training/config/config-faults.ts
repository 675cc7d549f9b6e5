import { UsageError } from '../../errors/index.js'

/** All that is wrong with a config, so that a user sees it at once. */
export class ConfigFaults {
  readonly #path: string
  readonly #faults: string[] = []

  /** @param path the file of the config, named above several faults */
  constructor(path: string) {
    this.#path = path
  }

  /** @param place a file and line, or a setting of the command line */
  add(place: string, problem: string): void {
    this.#faults.push(`${place}: ${problem}`)
  }

  /** @throws UsageError with every fault, in the order in which they were added */
  throwIfAny(): void {
    const [first, ...others] = this.#faults
    if (first === undefined) return
    if (others.length === 0) throw new UsageError(first)
    throw new UsageError([`${this.#path}: ${others.length + 1} faults`, first, ...others].join('\n  '))
  }
}
