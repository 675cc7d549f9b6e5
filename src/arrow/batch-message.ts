import { FlatTable } from './flat-table.js'
import { type ArrowColumn, ArrowFault } from './footer.js'

/** Number of the union `MessageHeader` in Arrow's Message.fbs. */
const RECORD_BATCH = 3
const CONTINUATION = 0xffff_ffff

/** What the columns of a batch have in front of their values: validity; texts have offsets too. */
const NODES = { number: 1, text: 1, list: 2 }
const BUFFERS = { number: 2, text: 3, list: 3 }

/** Where a column stands among the nodes and buffers of a batch. */
export interface ColumnPlace {
  node: number
  buffer: number
}

/** What stands in front of a batch: its rows, and where the buffers of its columns are. */
export interface BatchMessage {
  rows: number
  /** Length and null count of each column, and of the numbers of a list. */
  nodes: BigInt64Array
  /** Offset in the body and length of each buffer. */
  buffers: BigInt64Array
}

/** Source: Arrow columnar format, "RecordBatch message". @throws ArrowFault, RangeError where it is no such batch */
export function readBatchMessage(metadata: Uint8Array): BatchMessage {
  const prefix = new DataView(metadata.buffer, metadata.byteOffset, 8)
  if (prefix.getUint32(0, true) !== CONTINUATION)
    throw new ArrowFault('no message begins where a batch should')
  const message = FlatTable.root(metadata.subarray(8))
  const header = message.table(2)
  if (message.uint8(1) !== RECORD_BATCH || header === undefined) throw new ArrowFault('a message is no batch')
  if (header.has(3)) throw new ArrowFault('a batch is compressed')
  const rows = header.int64(0)
  if (rows < 0) throw new ArrowFault(`a batch of ${rows} rows`)
  return { rows, nodes: header.words(1, 2), buffers: header.words(2, 2) }
}

/** The places of the columns of a file, in its order. */
export function columnPlaces(columns: ArrowColumn[]): ColumnPlace[] {
  const place = { node: 0, buffer: 0 }
  return columns.map((column) => {
    const found = { ...place }
    place.node += NODES[kindOf(column)]
    place.buffer += BUFFERS[kindOf(column)]
    return found
  })
}

export function kindOf({ type, listSize }: ArrowColumn): keyof typeof BUFFERS {
  if (listSize !== undefined) return 'list'
  return type === 'Utf8' ? 'text' : 'number'
}
