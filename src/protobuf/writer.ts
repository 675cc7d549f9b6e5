import { WireType } from './wire-type.js'

/**
 * Protocol Buffers wire format, writing. Only what ONNX and TensorBoard messages need. Source: protobuf.dev/programming-guides/encoding.
 *
 * Pieces are kept as they are given, so that a large tensor is not copied into its message.
 */
export class ProtobufWriter {
  readonly #pieces: Uint8Array[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  /** The message in order; may share memory with what was written. */
  get pieces(): readonly Uint8Array[] {
    return this.#pieces
  }

  /** Signed 64-bit integer or enum; negative numbers take ten bytes. Safe integers only. */
  integer(field: number, value: number): this {
    this.#tag(field, WireType.varint)
    return this.#append(encodeVarint(value))
  }

  /** Several integers in one packed field. */
  integers(field: number, values: readonly number[]): this {
    const encoded = values.map(encodeVarint)
    return this.bytes(field, Buffer.concat(encoded))
  }

  float(field: number, value: number): this {
    this.#tag(field, WireType.fixed32)
    const bytes = Buffer.alloc(4)
    bytes.writeFloatLE(value)
    return this.#append(bytes)
  }

  /** Several floats in one packed field. */
  floats(field: number, values: readonly number[]): this {
    const bytes = Buffer.alloc(4 * values.length)
    values.forEach((value, index) => {
      bytes.writeFloatLE(value, 4 * index)
    })
    return this.bytes(field, bytes)
  }

  double(field: number, value: number): this {
    this.#tag(field, WireType.fixed64)
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(value)
    return this.#append(bytes)
  }

  string(field: number, text: string): this {
    return this.bytes(field, Buffer.from(text, 'utf8'))
  }

  bytes(field: number, bytes: Uint8Array): this {
    this.#tag(field, WireType.delimited)
    this.#append(encodeVarint(bytes.length))
    return this.#append(bytes)
  }

  message(field: number, message: ProtobufWriter): this {
    this.#tag(field, WireType.delimited)
    this.#append(encodeVarint(message.length))
    for (const piece of message.pieces) this.#append(piece)
    return this
  }

  /** A field of another message, as it stands there. */
  whole(field: Uint8Array): this {
    return this.#append(field)
  }

  #tag(field: number, wireType: number): void {
    this.#append(encodeVarint(field * 8 + wireType))
  }

  #append(bytes: Uint8Array): this {
    this.#pieces.push(bytes)
    this.#length += bytes.length
    return this
  }
}

function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = []
  if (value < 0) {
    let left = BigInt.asUintN(64, BigInt(value))
    for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128)
    bytes.push(Number(left))
  } else {
    let left = value
    for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128)
    bytes.push(left)
  }
  return Uint8Array.from(bytes)
}
