import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors/index.js'
import {
  type BackboneSize,
  elementCount,
  type MobileFaceNetShape,
  mobilefacenet,
  parametersOf,
} from '../../src/network/index.js'

type Options = MobileFaceNetShape & BackboneSize

const mbf: Options = { blocks: [1, 4, 6, 2], scale: 2, embeddingSize: 512, imageSize: 112 }

function trainedCount(options: Options): number {
  return parametersOf(mobilefacenet(options).nodes)
    .filter(({ role }) => role === 'trained')
    .reduce((sum, { shape }) => sum + elementCount(shape), 0)
}

function shapesOf(options: Options): Map<string, readonly number[]> {
  return new Map(parametersOf(mobilefacenet(options).nodes).map(({ name, shape }) => [name, shape]))
}

describe('MobileFaceNet', () => {
  it("has as many parameters as arcface_torch's networks", () => {
    expect(trainedCount(mbf)).toBe(2_059_520)
  })

  it('scales the channels between blocks, neither inside nor at the end', () => {
    const shapes = shapesOf(mbf)
    expect(shapes.get('layers.0.layers.0.weight')).toEqual([128, 3, 3, 3])
    expect(shapes.get('layers.1.layers.0.weight')).toEqual([128, 2, 3, 3])
    expect(shapes.get('layers.3.layers.3.layers.0.layers.0.weight')).toEqual([128, 128, 1, 1])
    expect(shapes.get('layers.4.layers.1.layers.0.weight')).toEqual([256, 1, 3, 3])
    expect(shapes.get('layers.6.layers.0.layers.0.weight')).toEqual([512, 256, 1, 1])
    expect(shapes.get('conv_sep.layers.0.weight')).toEqual([512, 256, 1, 1])
    expect(shapes.get('features.layers.0.layers.0.weight')).toEqual([512, 1, 7, 7])
    expect(shapes.get('features.layers.2.weight')).toEqual([512, 512])
  })

  it('begins with residual blocks where the first level has more than one', () => {
    const shapes = shapesOf({ ...mbf, blocks: [2, 8, 12, 4], scale: 4 })
    expect(shapes.get('layers.1.layers.1.layers.1.layers.0.weight')).toEqual([128, 1, 3, 3])
    expect(shapes.has('layers.1.layers.0.weight')).toBe(false)
  })

  it('names every node once, after what it reads', () => {
    const known = new Set(['images'])
    for (const { name, inputs } of mobilefacenet(mbf).nodes) {
      expect(
        inputs.every((input) => known.has(input)),
        name,
      ).toBe(true)
      expect(known.has(name), name).toBe(false)
      known.add(name)
    }
  })

  it.each<[string, Partial<Options>]>([
    ['three levels', { blocks: [1, 1, 1] as unknown as Options['blocks'] }],
    ['an empty first level', { blocks: [0, 1, 1, 1] }],
    ['half a scale', { scale: 0.5 }],
    ['no embedding', { embeddingSize: 0 }],
    ['an image that does not halve four times', { imageSize: 100 }],
  ])('refuses %s', (_, change) => {
    expect(() => mobilefacenet({ ...mbf, ...change })).toThrow(UsageError)
  })
})
