import { type ProtobufField, readFields } from '../protobuf/index.js'

/** The last field of each number, as protobuf has it for fields that are not repeated. */
export function fieldsOf(message: Uint8Array, file: string): Map<number, ProtobufField> {
  const fields = new Map<number, ProtobufField>()
  for (const field of readFields(message, file)) fields.set(field.number, field)
  return fields
}

/** The bytes of a field; none where it is absent. */
export function within(field: ProtobufField | undefined): Uint8Array {
  return field?.bytes ?? new Uint8Array(0)
}

/** The text of a field; empty where it is absent. */
export function text(field: ProtobufField | undefined): string {
  return Buffer.from(within(field)).toString('utf8')
}

/** Of a repeated field: one integer, or several that are packed. */
export function integersOf({ integer, bytes }: ProtobufField): number[] {
  if (bytes.length === 0) return [integer]
  const integers: number[] = []
  let value = 0n
  let shift = 0n
  for (const byte of bytes) {
    value |= BigInt(byte & 127) << shift
    shift += 7n
    if (byte >= 128) continue
    integers.push(Number(BigInt.asIntN(64, value)))
    value = 0n
    shift = 0n
  }
  return integers
}
