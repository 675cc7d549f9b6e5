import { LENGTH_BYTES } from './header.js'
import { bytesOf, elementCount, elementSize, type Tensor } from './tensor.js'

/** Where the bytes go: an `OutputFile` or an `AtomicFile`. */
interface Sink {
  write(...pieces: Uint8Array[]): Promise<void>
}

/** An array of bytes may not be as long as the largest tensors are. */
const ELEMENTS_A_PIECE = 64 * 1024 * 1024

/**
 * Writes tensors as they are, without a copy. Wide elements come first and the header is padded to 8 bytes, so that
 * every tensor is aligned for readers that map the file. The same tensors in the same order give the same bytes.
 */
export async function writeSafetensors(
  sink: Sink,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const ordered = [...tensors].sort(([, a], [, b]) => elementSize(b.dtype) - elementSize(a.dtype))
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : []
  let position = 0
  for (const [name, { dtype, shape, data }] of ordered) {
    if (elementCount(shape) * elementSize(dtype) !== data.byteLength) {
      throw new RangeError(`tensor '${name}': ${dtype} [${shape}] does not hold ${data.byteLength} bytes`)
    }
    header.push([name, { dtype, shape, data_offsets: [position, position + data.byteLength] }])
    position += data.byteLength
  }
  await sink.write(encodeHeader(header))
  for (const [, { data }] of ordered) {
    for (let start = 0; start < data.length; start += ELEMENTS_A_PIECE) {
      await sink.write(bytesOf(data.subarray(start, start + ELEMENTS_A_PIECE)))
    }
  }
}

function encodeHeader(header: [string, unknown][]): Uint8Array {
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)), 'utf8')
  const padded = Math.ceil(json.length / 8) * 8
  const bytes = Buffer.alloc(LENGTH_BYTES + padded, ' ')
  bytes.writeBigUInt64LE(BigInt(padded), 0)
  json.copy(bytes, LENGTH_BYTES)
  return bytes
}
