import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { InputError } from '../../src/errors/index.js'
import { IMAGE_HEADER_BYTES, packImageHeader, unpackImage } from '../../src/recordio/index.js'

const place = { file: 'train.rec', record: 7, offset: 4096 }

describe('image header', () => {
  it('comes back as it was packed, at any alignment', () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.array(fc.float({ noNaN: true }), { maxLength: 5 }),
        fc.uint8Array({ maxLength: 9 }),
        fc.nat(7),
        (label, id, id2, extra, image, shift) => {
          const labels = Float32Array.from(extra)
          const packed = packImageHeader({ label, id, id2, labels })
          const payload = new Uint8Array(shift + packed.length + image.length).subarray(shift)
          payload.set(packed)
          payload.set(image, packed.length)
          const unpacked = unpackImage(payload, place)
          expect(unpacked.header).toEqual({ flag: extra.length, label: Math.fround(label), id, id2, labels })
          expect(Buffer.from(unpacked.image)).toEqual(Buffer.from(image))
        },
      ),
    )
  })

  it('is 24 bytes, and 4 more for each label', () => {
    expect(packImageHeader({ label: 3, id: 1n }).length).toBe(IMAGE_HEADER_BYTES)
    expect(packImageHeader({ label: 0, id: 1n, labels: Float32Array.of(3, 1) }).length).toBe(32)
  })

  it('names record, offset, expected and found where a payload is too short', () => {
    const faultOf = (payload: Uint8Array) => {
      try {
        unpackImage(payload, place)
      } catch (error) {
        return (error as InputError).fault
      }
      return undefined
    }
    expect(faultOf(new Uint8Array(23))).toMatchObject({ ...place, expected: '24 bytes or more', actual: 23 })
    const many = packImageHeader({ label: 0, id: 1n, labels: Float32Array.of(3, 1) }).subarray(0, 31)
    expect(faultOf(many)).toMatchObject({ ...place, expected: '32 bytes or more', actual: 31 })
    const absurd = new Uint8Array(64)
    absurd.fill(0xff, 0, 4)
    expect(faultOf(absurd)).toMatchObject({ actual: 64 })
  })

  it('keeps labels exact up to 2^24 and no further, as float32 does', () => {
    const readBack = (label: number) => unpackImage(packImageHeader({ label, id: 0n }), place).header.label
    expect(readBack(16_777_216)).toBe(16_777_216)
    expect(readBack(16_777_217)).toBe(16_777_216)
  })
})
