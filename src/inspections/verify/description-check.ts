import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatasetDescription } from '../../dataset/index.js'
import type { Comparison } from './comparison.js'
import type { LabelCounts } from './label-counts.js'

const NEWLINE = 0x0a

/** What the files of a dataset hold. Undefined: not all of it can be read, which has been told. */
export interface Found {
  images: number | undefined
  /** Rows of `identities.arrow`. */
  identities: number | undefined
  labels: LabelCounts | undefined
  /** Records without an image. */
  numberRecords: number
}

/** Compares the counts in `dataset.json` with what its files hold. */
export async function checkDescription(
  description: DatasetDescription,
  folder: string,
  found: Found,
  { report, wholeFiles }: Comparison,
): Promise<void> {
  const compare = (what: keyof DatasetDescription, expected: number | undefined) => {
    const actual = description[what] as number
    if (expected === undefined || expected === actual) return
    const problem = `another number of ${what} than its files hold`
    report.add({ kind: 'description', file: 'dataset.json', problem, expected, actual })
  }
  compare('images', found.images)
  compare('identities', found.identities)
  compare(
    'emptyIdentities',
    found.labels === undefined ? undefined : (found.identities ?? description.identities) - found.labels.used,
  )
  if (!wholeFiles.isChanged('skipped.jsonl')) {
    compare('skipped', await countLines(join(folder, 'skipped.jsonl')))
  }
  if (description.dialect === 'im2rec' && found.numberRecords > 0) {
    report.add({
      kind: 'description',
      file: 'dataset.json',
      problem: 'the dialect is im2rec, which has no records without images',
      actual: `${found.numberRecords} such records`,
    })
  }
}

/** Undefined where there is no such file: that has been told. */
async function countLines(path: string): Promise<number | undefined> {
  if ((await stat(path).catch(() => undefined)) === undefined) return undefined
  let lines = 0
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) lines++
  }
  return lines
}
