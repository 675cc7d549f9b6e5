import { identityBatches } from '../../dataset/index.js'
import type { FaultReport } from './fault-report.js'
import type { LabelCounts } from './label-counts.js'

/**
 * Compares `identities.arrow` with the images of each label.
 * @param counts undefined where not all images can be read
 * @returns its number of rows; undefined where it cannot be read
 */
export async function checkIdentities(
  path: string,
  file: string,
  counts: LabelCounts | undefined,
  report: FaultReport,
): Promise<number | undefined> {
  let row = 0
  const tell = (problem: string, expected: number, actual: number) => {
    report.add({ kind: 'identities', file, problem: `row ${row}: ${problem}`, expected, actual })
  }
  try {
    for await (const batch of identityBatches(path)) {
      for (let i = 0; i < batch.rows; i++, row++) {
        const [label, images, firstKey] = [batch.labels[i]!, batch.images[i]!, batch.firstKeys[i]!]
        if (label !== row) tell('the label is not the number of the row', row, label)
        if (counts === undefined) continue
        if (images !== counts.images(row)) tell('another number of images', counts.images(row), images)
        if (firstKey !== counts.firstKey(row)) {
          tell('not the key of the first image', counts.firstKey(row), firstKey)
        }
      }
    }
    return row
  } catch (error) {
    report.addError('identities', file, error)
    return undefined
  }
}
