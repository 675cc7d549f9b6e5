import { InputError } from '../../errors/index.js'
import type { DatasetFault, FaultKind } from './verification.js'

/** Hands faults out as they are found and keeps nothing but counts. */
export class FaultReport {
  readonly #onFault: (fault: DatasetFault) => void
  readonly #byKind = new Map<FaultKind, number>()
  readonly #blamed = new Set<string>()
  #count = 0
  /** What could not be checked, and why. */
  readonly notChecked: string[] = []

  constructor(onFault: (fault: DatasetFault) => void) {
    this.#onFault = onFault
  }

  get count(): number {
    return this.#count
  }

  get byKind(): Partial<Record<FaultKind, number>> {
    return Object.fromEntries(this.#byKind)
  }

  /** @param blamed the file that is to be repaired, where it is not the one in which the fault shows */
  add(fault: DatasetFault, blamed = fault.file): void {
    this.#count++
    this.#byKind.set(fault.kind, (this.#byKind.get(fault.kind) ?? 0) + 1)
    this.#blamed.add(blamed)
    this.#onFault(fault)
  }

  /** A file that cannot be read at all, or not further. Other errors than those of input are thrown on. */
  addError(kind: FaultKind, file: string, error: unknown): void {
    if (!(error instanceof InputError)) throw error
    const { fault } = error
    this.add({
      kind,
      file,
      problem: fault.problem,
      ...(fault.line === undefined ? {} : { line: fault.line }),
      ...(fault.expected === undefined ? {} : { expected: String(fault.expected) }),
      ...(fault.actual === undefined ? {} : { actual: String(fault.actual) }),
    })
  }

  /** Whether a fault was found that is to be repaired in this file. */
  blames(file: string): boolean {
    return this.#blamed.has(file)
  }
}
