import { listBatches, type SkippedImage } from '../../dataset/index.js'
import { InputError } from '../../errors/index.js'
import { KeyTable } from '../../inspections/verify/key-table.js'
import type { ImageColumns } from './image-columns.js'

/**
 * Compares a list with the records. Its paths name the identities, so a list of another dataset must not pass; lines
 * without a record are files that the packer left out, and are handed out: some packers do so without a word.
 * @param source name for the lines
 * @throws InputError for a line of another label than its record
 */
export async function* checkList(
  list: string,
  { keys, labels }: ImageColumns,
  source: string,
): AsyncGenerator<SkippedImage> {
  const table = new KeyTable(keys)
  for await (const rows of listBatches(list)) {
    for (const { key, label, path } of rows) {
      const position = table.positionOf(key)
      if (position === -1) {
        yield { source, path, reason: `the list names it as ${key}, and there is no record with that key` }
      } else if (label !== labels[position]) throw wrongLabel(list, key, labels[position]!, label)
    }
  }
}

function wrongLabel(file: string, record: number, expected: number, actual: number): InputError {
  return new InputError({
    file,
    record,
    problem: 'the label is not that of the record',
    expected,
    actual,
    fix: 'The list belongs to another dataset, or one of them is damaged. Correct it, or move it away: identities then have no names.',
  })
}
