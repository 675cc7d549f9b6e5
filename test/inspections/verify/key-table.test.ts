import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KeyTable } from '../../../src/inspections/verify/key-table.js'

it('a table of keys gives the first position of each and tells of the others, dense or far apart', () => {
  const key = fc.oneof(fc.nat(20), fc.maxSafeNat())
  fc.assert(
    fc.property(fc.array(key, { maxLength: 30 }), (keys) => {
      const repeated: [number, number][] = []
      const table = new KeyTable(Float64Array.from(keys), (position, first) =>
        repeated.push([position, first]),
      )
      for (const wanted of [...keys, 0, 21, 1e15]) expect(table.positionOf(wanted)).toBe(keys.indexOf(wanted))
      const expected = [...keys.keys()].filter((i) => keys.indexOf(keys[i]!) !== i)
      expect(repeated.sort(([a], [b]) => a - b)).toEqual(expected.map((i) => [i, keys.indexOf(keys[i]!)]))
    }),
  )
})

it('finds no key that is none', () => {
  const table = new KeyTable(Float64Array.of(3, 4))
  for (const key of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(table.positionOf(key)).toBe(-1)
})
