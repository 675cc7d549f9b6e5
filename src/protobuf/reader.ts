import { InputError } from '../errors/index.js'
import { WireType } from './wire-type.js'

/** One field of a message: a number for varints, else the bytes, which share the message's memory. */
export interface ProtobufField {
  number: number
  integer: number
  bytes: Uint8Array
  /** The field with its number, as it stands in the message. */
  whole: Uint8Array
}

const NO_BYTES = new Uint8Array(0)

/**
 * The fields of a message in file order. Varints become numbers: exact to 2^53, negative ones are read as int64.
 * @throws InputError naming `file` and the offset where the bytes are no message
 */
export function* readFields(message: Uint8Array, file: string, base = 0): Generator<ProtobufField> {
  let position = 0
  const varint = (): number => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[position]
      if (byte === undefined) throw fault(file, base + position, 'ends inside a number')
      position++
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return Number(BigInt.asIntN(64, value))
    }
    throw fault(file, base + position, 'holds a number of more than ten bytes')
  }
  while (position < message.length) {
    const start = position
    const tag = varint()
    const number = Math.floor(tag / 8)
    const wireType = tag % 8
    if (number < 1) throw fault(file, base + start, 'holds a field without a number')
    if (wireType === WireType.varint) {
      const integer = varint()
      yield { number, integer, bytes: NO_BYTES, whole: message.subarray(start, position) }
      continue
    }
    const length =
      wireType === WireType.delimited
        ? varint()
        : wireType === WireType.fixed32
          ? 4
          : wireType === WireType.fixed64
            ? 8
            : -1
    if (length < 0) throw fault(file, base + start, `holds a field of unknown wire type ${wireType}`)
    if (length > message.length - position) {
      throw fault(file, base + start, 'ends inside a field', `${length} bytes`, message.length - position)
    }
    const bytes = message.subarray(position, position + length)
    position += length
    yield { number, integer: 0, bytes, whole: message.subarray(start, position) }
  }
}

function fault(
  file: string,
  offset: number,
  problem: string,
  expected?: string,
  actual?: number,
): InputError {
  return new InputError({
    file,
    offset,
    problem: `is no protobuf message: it ${problem}`,
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
    fix: 'It is another file, or was cut short: copy or export it again.',
  })
}
