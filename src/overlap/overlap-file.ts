import { formatCsvRow } from '../csv/index.js'
import { AtomicFile } from '../io/index.js'
import { type CommonPerson, describeSide, type PersonSide } from './common-person.js'
import type { CommonImage, NamedImage, Overlap } from './overlap.js'

/** Characters that are gathered for one write. */
const BLOCK_LENGTH = 64 * 1024

const sideColumns = (side: 'a' | 'b') => ['identity', 'label', 'path', 'key'].map((name) => `${side}_${name}`)

const columns = ['kind', 'by', 'cosine', ...sideColumns('a'), ...sideColumns('b'), 'xxh64']

/** Writes all that is in common for a spreadsheet: a row for each person, then one for each image. @throws OutputError */
export async function writeOverlapCsv(path: string, overlap: Overlap): Promise<void> {
  const file = await AtomicFile.create(path)
  try {
    for (const block of blocksOf(rowsOf(overlap))) await file.write(Buffer.from(block, 'utf8'))
  } catch (error) {
    await file.discard()
    throw error
  }
  await file.commit()
}

function* rowsOf(overlap: Overlap): Generator<string> {
  yield formatCsvRow(columns)
  for (const person of overlap.people) yield personRow(person)
  for (const image of overlap.images()) yield imageRow(image)
}

function* blocksOf(rows: Iterable<string>): Generator<string> {
  let block = ''
  for (const row of rows) {
    block += row
    if (block.length < BLOCK_LENGTH) continue
    yield block
    block = ''
  }
  yield block
}

function personRow({ a, b, by, cosine }: CommonPerson): string {
  const fields = (side: PersonSide) =>
    'image' in side ? ['', '', describeSide(side), ''] : [side.name, side.label, '', '']
  return formatCsvRow(['person', by.join(' '), cosine, ...fields(a), ...fields(b), ''])
}

/** A bare hash could be taken for a number by a spreadsheet. */
function imageRow({ a, b, xxh64 }: CommonImage): string {
  const fields = ({ identity, label, path, key }: NamedImage) => [identity, label, path, key]
  return formatCsvRow(['image', 'bytes', '', ...fields(a), ...fields(b), `xxh64:${xxh64}`])
}
