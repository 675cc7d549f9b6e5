import { expect, it } from 'vitest'
import { nearestWord } from '../../src/errors/index.js'

it('finds the word with the fewest edits, the first of several', () => {
  expect(nearestWord('weigth_decay', ['lr', 'weight_decay', 'momentum'])).toBe('weight_decay')
  expect(nearestWord('', ['abc', 'ab'])).toBe('ab')
  expect(nearestWord('x', ['a', 'b'])).toBe('a')
  expect(nearestWord('x', [])).toBeUndefined()
})

it('finds none that needs more edits than the limit', () => {
  expect(nearestWord('cud', ['cpu', 'cuda'], 1)).toBe('cuda')
  expect(nearestWord('mxnet', ['auto', 'cpu'], 2)).toBeUndefined()
})
