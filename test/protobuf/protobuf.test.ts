import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import { ProtobufWriter, readFields } from '../../src/protobuf/index.js'

const bytesOf = (writer: ProtobufWriter) => Buffer.concat(writer.pieces)
const fieldsOf = (bytes: Uint8Array) => [...readFields(bytes, 'test.bin')]

describe('protobuf', () => {
  it('writes the examples of the encoding guide', () => {
    expect(bytesOf(new ProtobufWriter().integer(1, 150)).toString('hex')).toBe('089601')
    expect(bytesOf(new ProtobufWriter().string(2, 'testing')).toString('hex')).toBe('120774657374696e67')
    const inner = new ProtobufWriter().integer(1, 150)
    expect(bytesOf(new ProtobufWriter().message(3, inner)).toString('hex')).toBe('1a03089601')
    expect(bytesOf(new ProtobufWriter().integers(6, [3, 270, 86942])).toString('hex')).toBe(
      '3206038e029ea705',
    )
    expect(bytesOf(new ProtobufWriter().integer(1, -2)).toString('hex')).toBe('08feffffffffffffffff01')
    expect(bytesOf(new ProtobufWriter().float(2, 1)).toString('hex')).toBe('150000803f')
    expect(bytesOf(new ProtobufWriter().double(1, 1)).toString('hex')).toBe('09000000000000f03f')
  })

  it('reads back every integer and every field number', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 2 ** 29 - 1 }), (value, number) => {
        const [field] = fieldsOf(bytesOf(new ProtobufWriter().integer(number, value)))
        expect(field).toMatchObject({ number, integer: value })
      }),
    )
  })

  it('reads back bytes, and messages inside messages, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (payloads) => {
        const inner = new ProtobufWriter()
        for (const payload of payloads) inner.bytes(4, payload)
        const [field] = fieldsOf(bytesOf(new ProtobufWriter().message(9, inner)))
        expect(fieldsOf(field!.bytes).map(({ bytes }) => [...bytes])).toEqual(
          payloads.map((payload) => [...payload]),
        )
      }),
    )
  })

  it('skips over fixed fields', () => {
    const bytes = Buffer.from('110102030405060708' + '1501020304' + '1807', 'hex')
    expect(fieldsOf(bytes).map(({ number, integer }) => [number, integer])).toEqual([
      [2, 0],
      [2, 0],
      [3, 7],
    ])
  })

  it.each([
    ['a number that does not end', 'ff', /at offset 1.*ends inside a number/],
    ['a number of eleven bytes', '08ffffffffffffffffffff01', /more than ten bytes/],
    ['a field without a number', '0001', /without a number/],
    ['a group', '0b', /unknown wire type 3/],
    ['a string that is cut off', '120a7465', /expected 10 bytes, found 2/],
    ['a length that is negative', '12ffffffffffffffffff01', /protobuf message/],
  ])('refuses %s', (_, hex, message) => {
    expect(() => fieldsOf(Buffer.from(hex, 'hex'))).toThrow(InputError)
    expect(() => fieldsOf(Buffer.from(hex, 'hex'))).toThrow(message)
  })

  it('ends on any bytes, with fields or an InputError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          fieldsOf(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(InputError)
        }
      }),
    )
  })
})
