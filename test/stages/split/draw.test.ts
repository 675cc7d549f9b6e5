import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors/index.js'
import { drawIdentities, drawImages } from '../../../src/stages/split/draw.js'

const counts = fc.array(fc.nat(12), { minLength: 1, maxLength: 40 }).map((images) => Uint32Array.from(images))

/** The labels of so many images of each identity, dealt out in turns, as in a shuffled file. */
function labelsOf(imagesOf: Uint32Array): Int32Array {
  const labels: number[] = []
  for (let turn = 0; turn < Math.max(...imagesOf); turn++) {
    for (const [label, images] of imagesOf.entries()) if (turn < images) labels.push(label)
  }
  return Int32Array.from(labels)
}

function drawnOf(labels: Int32Array, drawn: Uint8Array, identities: number): number[] {
  const of = new Array<number>(identities).fill(0)
  for (const [position, part] of drawn.entries()) of[labels[position]!]! += part
  return of
}

const sum = (numbers: Iterable<number>) => [...numbers].reduce((a, b) => a + b, 0)

describe('drawing identities', () => {
  it('takes as many as asked for, of those that have images', () => {
    const imagesOf = Uint32Array.of(3, 0, 1, 5, 0, 2, 9)
    for (let seed = 0; seed < 50; seed++) {
      const drawn = drawIdentities(imagesOf, { count: 2 }, seed)
      expect(sum(drawn)).toBe(2)
      expect([drawn[1], drawn[4]]).toEqual([0, 0])
    }
    expect(sum(drawIdentities(new Uint32Array(1000).fill(2), { fraction: 0.1 }, 0))).toBe(100)
    expect(sum(drawIdentities(imagesOf, { fraction: 0.01 }, 0))).toBe(1)
  })

  it('draws the same for the same seed, and each identity about as often as another over many', () => {
    const imagesOf = new Uint32Array(10).fill(1)
    expect(drawIdentities(imagesOf, { count: 3 }, 7)).toEqual(drawIdentities(imagesOf, { count: 3 }, 7))
    const times = new Array<number>(10).fill(0)
    for (let seed = 0; seed < 2000; seed++) {
      for (const [label, part] of drawIdentities(imagesOf, { count: 3 }, seed).entries())
        times[label]! += part
    }
    // 600 expected, standard deviation 20.
    for (const time of times) expect(Math.abs(time - 600)).toBeLessThan(100)
  })

  it.each([
    [[3, 2], { count: 2 }, '--count 2 is 2 identities: the second part can hold 1 to 1'],
    [[3, 2, 1], { fraction: 0.9 }, '--fraction 0.9 is 3 identities'],
    [[3, 0, 0], { count: 1 }, 'it needs two identities with images'],
  ])('of %j with %j is refused', (images, amount, message) => {
    const draw = () => drawIdentities(Uint32Array.from(images), amount, 0)
    expect(draw).toThrow(UsageError)
    expect(draw).toThrow(message)
  })
})

describe('drawing images', () => {
  it('takes exactly as many as asked for, and leaves every identity one', () => {
    fc.assert(
      fc.property(counts, fc.nat(), fc.nat(1000), (imagesOf, wish, seed) => {
        const most = sum(imagesOf.map((images) => Math.max(0, images - 1)))
        fc.pre(most > 0)
        const count = 1 + (wish % most)
        const labels = labelsOf(imagesOf)
        const drawn = drawImages(labels, imagesOf, { count }, seed)
        expect(sum(drawn)).toBe(count)
        for (const [label, images] of drawnOf(labels, drawn, imagesOf.length).entries()) {
          expect(images).toBeLessThanOrEqual(Math.max(0, imagesOf[label]! - 1))
        }
        expect(drawImages(labels, imagesOf, { count }, seed)).toEqual(drawn)
      }),
    )
  })

  it('gives every identity its share, rounded up or down', () => {
    const imagesOf = Uint32Array.of(100, 1, 35, 7, 20, 3, 1, 55)
    const labels = labelsOf(imagesOf)
    const shareOf3 = new Set<number>()
    for (let seed = 0; seed < 100; seed++) {
      const of = drawnOf(labels, drawImages(labels, imagesOf, { fraction: 0.1 }, seed), 8)
      expect(sum(of)).toBe(22)
      for (const [label, images] of of.entries()) {
        const share = imagesOf[label]! === 1 ? 0 : imagesOf[label]! / 10
        expect(Math.abs(images - share)).toBeLessThan(1)
      }
      shareOf3.add(of[5]!)
    }
    // Chance, not the label, decides whose share is rounded up.
    expect([...shareOf3].sort()).toEqual([0, 1])
  })

  it('draws each image of an identity about as often as another', () => {
    const labels = new Int32Array(10)
    const times = new Array<number>(10).fill(0)
    for (let seed = 0; seed < 2000; seed++) {
      const drawn = drawImages(labels, Uint32Array.of(10), { count: 3 }, seed)
      for (const [position, part] of drawn.entries()) times[position]! += part
    }
    for (const time of times) expect(Math.abs(time - 600)).toBeLessThan(100)
  })

  it.each([
    [[3, 2], { count: 4 }, '--count 4 is 4 images: the second part can hold 1 to 3'],
    [[3, 2], { fraction: 0.9 }, '--fraction 0.9 is 5 images'],
    [[1, 1], { count: 1 }, 'it needs an identity with two images'],
  ])('of %j with %j is refused', (images, amount, message) => {
    const imagesOf = Uint32Array.from(images)
    const draw = () => drawImages(labelsOf(imagesOf), imagesOf, amount, 0)
    expect(draw).toThrow(UsageError)
    expect(draw).toThrow(message)
  })
})
