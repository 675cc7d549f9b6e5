import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors/index.js'
import { type BackboneSize, type IResNetShape, iresnet, parametersOf } from '../../src/network/index.js'

type Options = IResNetShape & BackboneSize

const r18: Options = { layers: [2, 2, 2, 2], embeddingSize: 512, imageSize: 112 }

describe('IResNet', () => {
  const parameters = parametersOf(iresnet(r18).nodes)
  const parameter = (name: string) => parameters.find((found) => found.name === name)

  it('freezes the weight of its last BatchNorm at 1, and nothing else', () => {
    expect(parameters.filter(({ role }) => role === 'frozen').map(({ name }) => name)).toEqual([
      'features.weight',
    ])
    expect(parameter('features.weight')?.initial).toEqual({ constant: 1 })
    expect(parameter('features.bias')?.role).toBe('trained')
  })

  it("starts as upstream: convolutions of deviation 0.1, the last layer as PyTorch's Linear", () => {
    expect(parameter('layer3.1.conv2.weight')?.initial).toEqual({ deviation: 0.1 })
    expect(parameter('layer2.0.downsample.0.weight')?.initial).toEqual({ deviation: 0.1 })
    expect(parameter('fc.weight')?.initial).toEqual({ bound: 1 / Math.sqrt(25088) })
    expect(parameter('fc.bias')?.initial).toEqual({ bound: 1 / Math.sqrt(25088) })
    expect(parameter('layer1.0.prelu.weight')?.initial).toEqual({ constant: 0.25 })
  })

  it('halves the image in the second convolution of each level', () => {
    const strides = iresnet(r18).nodes.flatMap((node) =>
      node.op === 'conv2d' && node.attributes.stride === 2 ? [node.name] : [],
    )
    expect(strides).toEqual(
      [1, 2, 3, 4].flatMap((level) => [`layer${level}.0.conv2`, `layer${level}.0.downsample.0`]),
    )
  })

  it('names every node once, after what it reads', () => {
    const known = new Set(['images'])
    for (const { name, inputs } of iresnet(r18).nodes) {
      expect(
        inputs.every((input) => known.has(input)),
        name,
      ).toBe(true)
      expect(known.has(name), name).toBe(false)
      known.add(name)
    }
  })

  it.each<[string, Partial<Options>]>([
    ['three levels', { layers: [1, 1, 1] as unknown as Options['layers'] }],
    ['an empty level', { layers: [2, 2, 0, 2] }],
    ['no embedding', { embeddingSize: 0 }],
    ['an image that does not halve four times', { imageSize: 120 }],
  ])('refuses %s', (_, change) => {
    expect(() => iresnet({ ...r18, ...change })).toThrow(UsageError)
  })
})
