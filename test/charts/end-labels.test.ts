import { expect, it } from 'vitest'
import { HEIGHT, MARGINS } from '../../src/charts/canvas.js'
import { moveApart } from '../../src/charts/end-labels.js'

it('names at line ends keep their order and a line between them, and stay in the drawing', () => {
  const top = MARGINS.marginTop
  const floor = HEIGHT - MARGINS.marginBottom
  expect(moveApart([100, 50, 150])).toEqual([100, 50, 150])
  expect(moveApart([top, top, top])).toEqual([top, top + 15, top + 30])
  expect(moveApart([floor, floor - 1])).toEqual([floor, floor - 15])
  const [first, second] = moveApart([100, 98]) as [number, number]
  expect(first - second).toBe(15)
})
