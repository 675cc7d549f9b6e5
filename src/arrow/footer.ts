import type { InputFile } from '../io/index.js'
import { FlatTable } from './flat-table.js'

/** What is wrong with an Arrow file, without its name. */
export class ArrowFault extends Error {}

/** What ends an Arrow IPC file: its schema, and where its batches stand. */
export interface ArrowFooter {
  columns: ArrowColumn[]
  /** Key and value texts of the schema. */
  metadata: Map<string, string>
  batches: ArrowBlock[]
}

/** A column of numbers or text, or of as many numbers in each row. */
export interface ArrowColumn {
  name: string
  /** As apache-arrow names it: `Uint32`, `Utf8`, `FixedSizeList[512]<Float32>`. */
  type: string
  /** Numbers of a row, where it has a list of them. */
  listSize?: number
}

/** Where a batch stands: its metadata, then the bytes of its columns. */
export interface ArrowBlock {
  offset: number
  metadataBytes: number
  bodyBytes: number
}

const MAGIC = 'ARROW1'
/** The length of the footer, and the magic word again. */
const ENDING_BYTES = 4 + MAGIC.length
/** A batch takes 24 bytes in it: room for more images than keys can number. */
const MOST_FOOTER_BYTES = 4 * 1024 * 1024
const MOST_BATCH_BYTES = 2 ** 30

/** Numbers of the union `Type` in Arrow's Schema.fbs. */
const INT = 2
const FLOATING_POINT = 3
const UTF8 = 5
const FIXED_SIZE_LIST = 16

/** Numbers of an embedding, by far. */
const LARGEST_LIST = 65_536

/** Source: Arrow columnar format, "IPC File Format"; Schema.fbs and File.fbs. @throws ArrowFault, RangeError where it is none */
export async function readFooter(file: InputFile): Promise<ArrowFooter> {
  const end = file.size - ENDING_BYTES
  if (end < ENDING_BYTES) throw new ArrowFault('it is too short')
  const ending = Buffer.from(await file.readExactly(end, ENDING_BYTES))
  const length = ending.readInt32LE(0)
  if (ending.toString('latin1', 4) !== MAGIC) throw new ArrowFault(`it does not end with ${MAGIC}`)
  if (length <= 0 || length > Math.min(end, MOST_FOOTER_BYTES))
    throw new ArrowFault(`a footer of ${length} bytes`)
  const footer = FlatTable.root(await file.readExactly(end - length, length))
  const schema = footer.table(1)
  if (schema === undefined) throw new ArrowFault('it has no schema')
  if (schema.int16(0) !== 0) throw new ArrowFault('its numbers are big-endian')
  if (footer.words(2, 3).length > 0) throw new ArrowFault('it has dictionaries')
  return {
    columns: schema.tables(1).map(readColumn),
    metadata: new Map(schema.tables(2).map((pair) => [pair.text(0), pair.text(1)])),
    batches: readBlocks(footer.words(3, 3), end - length),
  }
}

function readColumn(field: FlatTable): ArrowColumn {
  const name = field.text(0)
  const type = field.table(3)
  if (type === undefined || field.has(4)) throw new ArrowFault(`column ${name} has no plain type`)
  switch (field.uint8(2)) {
    case INT:
      return { name, type: `${type.uint8(1) === 0 ? 'Uint' : 'Int'}${type.int32(0)}` }
    case FLOATING_POINT:
      return { name, type: `Float${16 * 2 ** type.int16(0)}` }
    case UTF8:
      return { name, type: 'Utf8' }
    case FIXED_SIZE_LIST:
      return listColumn(name, type.int32(0), field.tables(5).map(readColumn))
    default:
      throw new ArrowFault(`column ${name} is of a type that is not read here`)
  }
}

function listColumn(name: string, listSize: number, [items]: ArrowColumn[]): ArrowColumn {
  const numbers = items !== undefined && items.listSize === undefined && items.type !== 'Utf8'
  if (!numbers || listSize < 1 || listSize > LARGEST_LIST) {
    throw new ArrowFault(`column ${name} is of a type that is not read here`)
  }
  return { name, type: `FixedSizeList[${listSize}]<${items.type}>`, listSize }
}

/** @param words offset i64, metadata length i32 and padding, body length i64 of each */
function readBlocks(words: BigInt64Array, end: number): ArrowBlock[] {
  return Array.from({ length: words.length / 3 }, (_, i) => {
    const offset = Number(words[3 * i])
    const metadataBytes = Number(BigInt.asIntN(32, words[3 * i + 1]!))
    const bodyBytes = Number(words[3 * i + 2])
    const bytes = metadataBytes + bodyBytes
    const possible = offset >= 0 && metadataBytes > 0 && bodyBytes >= 0 && bytes <= MOST_BATCH_BYTES
    if (!possible || offset + bytes > end) throw new ArrowFault(`batch ${i} lies outside of the file`)
    return { offset, metadataBytes, bodyBytes }
  })
}
