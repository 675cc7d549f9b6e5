import { LARGEST_EXACT_FLOAT32 } from '../../dataset/index.js'
import type { FaultReport } from './fault-report.js'
import { isLabel, LabelCounts } from './label-counts.js'

/** Labels without images that are named in a fault. */
const LABELS_SHOWN = 5

/** Labels of images against the number of identities. */
export class LabelCheck {
  readonly #report: FaultReport
  readonly #records: string
  readonly counts = new LabelCounts()

  constructor(records: string, report: FaultReport) {
    this.#report = report
    this.#records = records
  }

  /** Whether the label of a record is an identity number. */
  isValid(label: number, key: number, offset: number): boolean {
    if (isLabel(label)) return true
    this.#report.add({
      kind: 'label',
      file: this.#records,
      record: key,
      offset,
      problem: 'the label is not an identity number',
      expected: `a whole number from 0 to ${LARGEST_EXACT_FLOAT32}`,
      actual: String(label),
    })
    return false
  }

  /**
   * Compares the labels that images have with the number that `file` states, once for each label that is too high.
   * @param allUsed whether every label below that number must have images
   */
  finish(file: string, identities: number, allUsed: boolean): void {
    const { counts } = this
    for (let label = identities; label < counts.end; label++) {
      if (counts.images(label) === 0) continue
      this.#report.add({
        kind: 'label',
        file: this.#records,
        record: counts.firstKey(label),
        problem: `the label has no identity by ${file}, in ${counts.images(label)} images from this one on`,
        expected: `less than ${identities}`,
        actual: label,
      })
    }
    if (allUsed) this.#tellGaps(file, identities)
  }

  #tellGaps(file: string, identities: number): void {
    const shown: number[] = []
    let unused = 0
    for (let label = 0; label < identities; label++) {
      if (this.counts.images(label) > 0) continue
      if (++unused <= LABELS_SHOWN) shown.push(label)
    }
    if (unused === 0) return
    this.#report.add({
      kind: 'label',
      file,
      problem: 'there are labels without images',
      expected: `images for each of ${identities} labels`,
      actual: `none for ${unused}: ${shown.join(', ')}${unused > LABELS_SHOWN ? ', ...' : ''}`,
    })
  }
}
