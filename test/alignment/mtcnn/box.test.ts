import { describe, expect, it } from 'vitest'
import { type Box, refined, squareAround, suppress } from '../../../src/alignment/mtcnn/box.js'

function box(left: number, top: number, width: number, height: number, score = 1): Box {
  return { left, top, right: left + width, bottom: top + height, score }
}

describe('suppress', () => {
  it('keeps the box with the higher score of two that overlap by more than the limit', () => {
    // 10 x 10 boxes moved by 2: 80 shared of 120 together.
    const [low, high] = [box(0, 0, 10, 10, 0.7), box(2, 0, 10, 10, 0.9)]
    expect(suppress([low, high], 0.6, 'union')).toEqual([high])
    expect(suppress([low, high], 0.7, 'union')).toEqual([high, low])
  })

  it('measures by the smaller box where one lies in another', () => {
    const [large, inside] = [box(0, 0, 100, 100, 0.8), box(40, 40, 10, 10, 0.9)]
    expect(suppress([large, inside], 0.7, 'union')).toHaveLength(2)
    expect(suppress([large, inside], 0.7, 'smaller')).toEqual([inside])
  })

  it('keeps a box whose only rival was dropped itself', () => {
    const boxes = [box(0, 0, 10, 10, 0.9), box(3, 0, 10, 10, 0.8), box(6, 0, 10, 10, 0.7)]
    expect(suppress(boxes, 0.5, 'union')).toEqual([boxes[0], boxes[2]])
  })

  it('keeps the order of equal scores', () => {
    const boxes = [box(0, 0, 5, 5), box(50, 0, 5, 5), box(90, 0, 5, 5)]
    expect(suppress(boxes, 0.5, 'union')).toEqual(boxes)
  })
})

it('refined moves edges by shares of width and height', () => {
  const moved = refined(box(10, 20, 100, 200), [9, 9, 0.1, -0.1, 0.2, 0.3], 2)
  expect(moved).toEqual({ left: 20, top: 0, right: 130, bottom: 280, score: 1 })
})

it('squareAround is centred and as wide as the longer side', () => {
  expect(squareAround(box(10, 20, 10, 30))).toEqual({ left: 0, top: 20, side: 30 })
})
