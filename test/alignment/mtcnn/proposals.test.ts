import { describe, expect, it } from 'vitest'
import type { Network } from '../../../src/alignment/mtcnn/network.js'
import { propose } from '../../../src/alignment/mtcnn/proposals.js'
import { gradient } from '../../image/pictures.js'

/** A network that sees a face in one cell, and wants its left edge moved by a tenth of its width. */
function seeing(column: number, row: number): Pick<Network, 'run'> {
  const run = async ({ width, height }: { width: number; height: number }) => {
    // As PNet: convolutions of 3, and pooling that pads an odd side.
    const [columns, rows] = [width, height].map((length) => Math.ceil((length - 2) / 2) - 4) as [
      number,
      number,
    ]
    const faces = new Float32Array(2 * columns * rows)
    const edges = new Float32Array(4 * columns * rows)
    faces[2 * (column * rows + row) + 1] = 0.9
    edges[4 * (column * rows + row)] = 0.1
    return {
      2: { data: faces, shape: [1, columns, rows, 2] },
      4: { data: edges, shape: [1, columns, rows, 4] },
    }
  }
  return { run } as unknown as Pick<Network, 'run'>
}

describe('propose', () => {
  it.each([
    [16, 14],
    [16, 15],
    [15, 16],
    [15, 15],
  ])('puts a cell at its place in a photo of %d x %d', async (width, height) => {
    const photo = { width, height, data: gradient(width, height) }
    const [box, ...others] = await propose(seeing(1, 1), photo, 12)
    expect(others).toEqual([])
    expect(box!.left).toBeCloseTo(3.2, 5)
    expect(box).toMatchObject({ top: 2, right: 14, bottom: 14 })
    expect(box!.score).toBeCloseTo(0.9, 5)
  })

  it('scales a box from its level to the photo', async () => {
    const photo = { width: 44, height: 40, data: gradient(44, 40) }
    const [box] = await propose(seeing(1, 0), photo, 36)
    // The only level has 15 x 14 pixels.
    expect(box!.right).toBeCloseTo((14 * 44) / 15, 5)
    expect(box!.bottom).toBeCloseTo((12 * 40) / 14, 5)
  })
})
