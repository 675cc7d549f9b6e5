import { describe, expect, it } from 'vitest'
import {
  type Backbone,
  iresnet,
  mobilefacenet,
  networkNames,
  parametersOf,
} from '../../../src/network/index.js'
import { backboneOf } from '../../../src/training/backbone.js'
import { type NamedTensors, unwrapped } from '../../../src/training/weights/named-tensors.js'
import { networkOf } from '../../../src/training/weights/network-of.js'

/** Names and shapes alone: whoever infers a network reads nothing. */
function shapesOf({ nodes }: Pick<Backbone, 'nodes'>, prefix = ''): NamedTensors {
  const entries = parametersOf(nodes).map(
    ({ name, shape }) => [prefix + name, { dtype: 'F32', shape }] as const,
  )
  return {
    path: 'model.pt',
    entries: new Map(entries),
    async read() {
      throw new Error('a tensor was read')
    },
  }
}

describe('networkOf', () => {
  it.each(networkNames)('knows %s, with its sizes', (network) => {
    for (const [embedding_size, imageSize] of [
      [512, 112],
      [256, 96],
    ] as const) {
      const backbone = backboneOf({ network, embedding_size }, { height: imageSize, width: imageSize })
      expect(networkOf(shapesOf(backbone))).toEqual({ network, embedding_size, imageSize })
    }
  })

  it.each([
    { blocks: [1, 0, 0, 0], scale: 1 },
    { blocks: [3, 1, 0, 2], scale: 3 },
  ] as const)('knows a MobileFaceNet of one kind of its own: %o', ({ blocks, scale }) => {
    const backbone = mobilefacenet({ blocks, scale, embeddingSize: 16, imageSize: 32 })
    const found = networkOf(shapesOf(backbone))
    expect(found).toEqual({ network: { name: 'mbf', blocks, scale }, embedding_size: 16, imageSize: 32 })
    expect(backboneOf(found, { height: 32, width: 32 })).toEqual(backbone)
  })

  it('knows an IResNet of one of its own', () => {
    const layers = [1, 2, 1, 1] as const
    const backbone = iresnet({ layers, embeddingSize: 16, imageSize: 32 })
    const found = networkOf(shapesOf(backbone))
    expect(found).toEqual({ network: { name: 'r18', layers }, embedding_size: 16, imageSize: 32 })
    expect(backboneOf(found, { height: 32, width: 32 }).nodes).toEqual(backbone.nodes)
  })

  it('takes off the prefix of DistributedDataParallel, where every name has it', () => {
    const backbone = backboneOf({ network: 'mbf', embedding_size: 512 }, { height: 112, width: 112 })
    const wrapped = shapesOf(backbone, 'module.')
    expect(() => networkOf(wrapped)).toThrow()
    expect(networkOf(unwrapped(wrapped)).network).toBe('mbf')
    const mixed = {
      ...wrapped,
      entries: new Map([...wrapped.entries, ['x', { dtype: 'F32', shape: [] }] as const]),
    }
    expect(unwrapped(mixed)).toBe(mixed)
  })

  it('names the first tensor of a network that it does not know', () => {
    const entries = new Map([['patch_embed.proj.weight', { dtype: 'F32', shape: [1] }] as const])
    expect(() => networkOf({ ...shapesOf({ nodes: [] }), entries })).toThrow(
      "model.pt: its tensors have the names of no known backbone: expected those of arcface_torch's",
    )
    expect(() => networkOf({ ...shapesOf({ nodes: [] }), entries })).toThrow(
      "found first 'patch_embed.proj.weight'",
    )
  })

  it('names a tensor without which the network has no size', () => {
    const backbone = backboneOf({ network: 'mbf', embedding_size: 512 }, { height: 112, width: 112 })
    const shapes = shapesOf(backbone)
    const without = new Map(shapes.entries)
    without.delete('features.layers.2.weight')
    expect(() => networkOf({ ...shapes, entries: without })).toThrow(
      "has no tensor 'features.layers.2.weight'",
    )
    without.set('features.layers.2.weight', { dtype: 'F32', shape: [] })
    expect(() => networkOf({ ...shapes, entries: without })).toThrow(
      'has a shape that fits no network: found []',
    )
  })
})
