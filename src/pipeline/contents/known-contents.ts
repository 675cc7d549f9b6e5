import type { StepRecord } from '../step-record.js'
import type { Content } from './content.js'

/** What earlier looks found, by path: what did not change since need not be read again. */
export class KnownContents {
  readonly #contents = new Map<string, Content>()

  /** An artifact is another step's input: what was found when it was written is the truth about it. */
  addRecords(records: StepRecord[]): void {
    for (const list of ['inputs', 'outputs'] as const) {
      for (const { path, digest, state } of records.flatMap((record) => record[list])) {
        this.add(path, { digest, state })
      }
    }
  }

  of(path: string): Content | undefined {
    return this.#contents.get(path)
  }

  add(path: string, content: Content): void {
    this.#contents.set(path, content)
  }
}
