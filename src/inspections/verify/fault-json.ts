import type { DatasetFault, DatasetVerification } from './verification.js'

/** One JSON object, whose first member is the list of faults, as they come: there may be millions, so none is kept. */
export class FaultJson {
  readonly #write: (text: string) => void
  #separator = '{\n  "faults": [\n    '

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  fault(fault: DatasetFault): void {
    this.#write(`${this.#separator}${JSON.stringify(fault)}`)
    this.#separator = ',\n    '
  }

  finish(found: DatasetVerification): void {
    const list = found.faultCount === 0 ? '{\n  "faults": []' : '\n  ]'
    this.#write(`${list},${JSON.stringify(found, null, 2).slice(1)}\n`)
  }
}
