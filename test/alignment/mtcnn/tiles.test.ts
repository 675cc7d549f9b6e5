import { describe, expect, it } from 'vitest'
import { tilesOf } from '../../../src/alignment/mtcnn/tiles.js'
import { gradient } from '../../image/pictures.js'

/** What the first network makes of so many pixels: convolutions of 3 and pooling that pads. */
function cellsOf(length: number): number {
  return Math.ceil((length - 2) / 2) - 4
}

function level(width: number, height: number) {
  return { width, height, data: gradient(width, height) }
}

describe('tilesOf', () => {
  it('gives a small level as it is', () => {
    const small = level(200, 266)
    expect([...tilesOf(small)]).toEqual([{ left: 0, top: 0, image: small }])
  })

  it.each([267, 268, 269, 522, 523, 600, 801])('has every cell of a side of %d in one tile', (width) => {
    const columns: number[] = []
    for (const { left, top, image } of tilesOf(level(width, 12))) {
      expect([top, image.height, left % 2]).toEqual([0, 12, 0])
      for (let cell = 0; cell < cellsOf(image.width); cell++) columns.push(left / 2 + cell)
    }
    expect(columns).toEqual(Array.from({ length: cellsOf(width) }, (_, i) => i))
  })

  it('holds the pixels of the level', () => {
    const whole = level(300, 280)
    const tiles = [...tilesOf(whole)]
    expect(tiles).toHaveLength(4)
    for (const { left, top, image } of tiles) {
      const last = 3 * ((top + image.height - 1) * 300 + left + image.width - 1)
      expect(image.data.at(-3)).toBe(whole.data[last])
      expect(image.data[1]).toBe(whole.data[3 * (top * 300 + left) + 1])
    }
  })
})
