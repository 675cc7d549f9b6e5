import { Field, Int32, makeData, Schema, Uint16, Uint32, Utf8 } from 'apache-arrow'
import { z } from 'zod'
import { type ArrowColumn, ArrowFileWriter, BATCH_ROWS, readArrowFile } from '../arrow/index.js'
import { InputError } from '../errors/index.js'
import type { ByteSink } from '../io/index.js'
import type { RecordTable } from './record-table.js'

/** A person of a dataset, and where they came from. */
export interface Identity {
  /** Undefined where a dataset of another tool names nobody. */
  name: string | undefined
  /** Position in the `sources` of `dataset.json`. */
  source: number
  /** Name in that source; undefined where it has none. */
  sourceName: string | undefined
  /** Label in that source, or -1: folders have no labels. */
  sourceLabel: number
  /** Identities of sources that were found to be the same person; missing where there are none. */
  joined?: JoinedIdentity[] | undefined
}

/** Where else an identity came from: an identity of a source, as `Identity` has it. */
export interface JoinedIdentity {
  source: number
  name?: string | undefined
  label: number
}

/** The identities of a dataset by columns; position is label. */
export interface IdentityTable {
  count: number
  names: (string | undefined)[]
  /** Images of each. */
  images: Float64Array
  /** Key of the first image of each; -1 for an identity without images. */
  firstKeys: Float64Array
  sources: Uint16Array
  sourceNames: (string | undefined)[]
  sourceLabels: Int32Array
  /** Of those that were joined from several. */
  joined: (JoinedIdentity[] | undefined)[]
}

const identitiesSchema = new Schema([
  new Field('label', new Int32()),
  new Field('name', new Utf8(), true),
  new Field('records', new Uint32()),
  new Field('first_key', new Uint32(), true),
  new Field('source', new Uint16()),
  new Field('source_name', new Utf8(), true),
  new Field('source_label', new Int32()),
])

/**
 * Only where an identity was joined from several, so that all other datasets keep their bytes: JSON, a list of
 * `{source, name, label}`.
 */
const joinedField = new Field('joined', new Utf8(), true)

const joinedSchema: z.ZodType<JoinedIdentity[]> = z.array(
  z.object({
    source: z.number().int().nonnegative(),
    name: z.string().optional(),
    label: z.number().int(),
  }),
)

function withJoined(schema: Schema): Schema {
  return new Schema([...schema.fields, joinedField])
}

/** A table of `count` identities without images, and without names unless they are given. */
export function emptyIdentityTable(
  count: number,
  names = new Array<string | undefined>(count),
): IdentityTable {
  return {
    count,
    names,
    images: new Float64Array(count),
    firstKeys: new Float64Array(count).fill(-1),
    sources: new Uint16Array(count),
    sourceNames: new Array<string | undefined>(count),
    sourceLabels: new Int32Array(count).fill(-1),
    joined: new Array<JoinedIdentity[] | undefined>(count),
  }
}

/** The identities of a dataset of another tool: named from outside, counted from its images. */
export function countIdentities(
  { count, keys, labels }: Pick<RecordTable, 'count' | 'keys' | 'labels'>,
  names: (string | undefined)[],
): IdentityTable {
  const table = emptyIdentityTable(names.length, names)
  for (let i = 0; i < count; i++) {
    const label = labels[i]!
    if (table.images[label]!++ === 0) table.firstKeys[label] = keys[i]!
  }
  return table
}

/** Writes `identities.arrow`: one row an identity, in the order of labels. @throws OutputError */
export async function writeIdentities(sink: ByteSink, table: IdentityTable): Promise<void> {
  const joins = table.joined.some((joined) => joined !== undefined)
  const file = new ArrowFileWriter(sink, joins ? withJoined(identitiesSchema) : identitiesSchema)
  for (let first = 0; first < table.count || first === 0; first += BATCH_ROWS) {
    const rows = Math.min(BATCH_ROWS, table.count - first)
    const slice = <T>(values: ArrayLike<T>): T[] => Array.prototype.slice.call(values, first, first + rows)
    file.append(rows, [
      makeData({ type: new Int32(), data: Int32Array.from({ length: rows }, (_, i) => first + i) }),
      utf8Data(slice(table.names)),
      makeData({ type: new Uint32(), data: Uint32Array.from(slice(table.images)) }),
      firstKeyData(slice(table.firstKeys)),
      makeData({ type: new Uint16(), data: table.sources.subarray(first, first + rows) }),
      utf8Data(slice(table.sourceNames)),
      makeData({ type: new Int32(), data: table.sourceLabels.subarray(first, first + rows) }),
      ...(joins ? [utf8Data(slice(table.joined).map((joined) => joined && JSON.stringify(joined)))] : []),
    ])
    await file.ready()
  }
  await file.finish()
}

/** @throws InputError */
export async function readIdentities(path: string, count: number): Promise<IdentityTable> {
  const table = emptyIdentityTable(count)
  let label = 0
  const schema = (columns: ArrowColumn[]) =>
    columns.some(({ name }) => name === joinedField.name) ? withJoined(identitiesSchema) : identitiesSchema
  for await (const batch of readArrowFile(path, schema)) {
    const column = (name: string) => batch.getChild(name)!
    const joined = batch.getChild(joinedField.name)
    const [names, records, firstKeys] = [column('name'), column('records'), column('first_key')]
    const [sources, sourceNames] = [column('source'), column('source_name')]
    const sourceLabels = column('source_label')
    for (let row = 0; row < batch.numRows && label < count; row++, label++) {
      table.names[label] = names.get(row) ?? undefined
      table.images[label] = records.get(row)
      table.firstKeys[label] = firstKeys.get(row) ?? -1
      table.sources[label] = sources.get(row)
      table.sourceNames[label] = sourceNames.get(row) ?? undefined
      table.sourceLabels[label] = sourceLabels.get(row)
      table.joined[label] = parseJoined(joined?.get(row), path)
    }
  }
  if (label !== count) {
    throw new InputError({
      file: path,
      problem: 'it holds fewer identities than dataset.json says',
      expected: count,
      actual: label,
      fix: 'Copy the dataset again.',
    })
  }
  return table
}

function parseJoined(text: string | null | undefined, file: string): JoinedIdentity[] | undefined {
  if (text === null || text === undefined) return undefined
  try {
    return joinedSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new InputError(
      { file, problem: 'the column joined holds no list of identities', fix: 'Copy the dataset again.' },
      { cause: error },
    )
  }
}

/** Some rows of `identities.arrow`, without names and lineage. */
export interface IdentityBatch {
  rows: number
  labels: ArrayLike<number>
  images: ArrayLike<number>
  /** -1 for an identity without images. */
  firstKeys: ArrayLike<number>
}

/** Streams `identities.arrow`: however many identities there are, memory is that of some rows. @throws InputError */
export async function* identityBatches(path: string): AsyncGenerator<IdentityBatch> {
  for await (const batch of readArrowFile(path, identitiesSchema)) {
    const column = (name: string, missing: number) =>
      Float64Array.from({ length: batch.numRows }, (_, row) => batch.getChild(name)!.get(row) ?? missing)
    yield {
      rows: batch.numRows,
      labels: column('label', -1),
      images: column('records', 0),
      firstKeys: column('first_key', -1),
    }
  }
}

function utf8Data(strings: (string | undefined)[]) {
  const bytes = strings.map((text) => Buffer.from(text ?? '', 'utf8'))
  const valueOffsets = new Int32Array(strings.length + 1)
  for (const [i, piece] of bytes.entries()) valueOffsets[i + 1] = valueOffsets[i]! + piece.length
  return makeData({
    type: new Utf8(),
    length: strings.length,
    valueOffsets,
    data: Buffer.concat(bytes),
    ...validity(strings.map((text) => text !== undefined)),
  })
}

function firstKeyData(keys: number[]) {
  const data = Uint32Array.from(keys, (key) => Math.max(0, key))
  return makeData({ type: new Uint32(), data, ...validity(keys.map((key) => key >= 0)) })
}

/** Arrow's validity bitmap, where something is null. */
function validity(valid: boolean[]): { nullCount: number; nullBitmap?: Uint8Array } {
  const nullCount = valid.filter((present) => !present).length
  if (nullCount === 0) return { nullCount }
  const nullBitmap = new Uint8Array(Math.ceil(valid.length / 8))
  for (const [i, present] of valid.entries()) {
    if (present) nullBitmap[i >> 3]! |= 1 << (i & 7)
  }
  return { nullCount, nullBitmap }
}
