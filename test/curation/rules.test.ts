import { describe, expect, it } from 'vitest'
import { type ExaminedImages, ruleNames, ruleOf } from '../../src/curation/index.js'
import { DIFFERENCE_HASH_WORDS } from '../../src/image/index.js'
import { examined, found, photo, withEmbeddings } from './examined.js'

/** Positions that a rule finds. */
function positions(...[name, images, threshold]: [Parameters<typeof ruleOf>[0], ExaminedImages, number?]) {
  return found(ruleOf(name), images, threshold).map(({ position }) => position)
}

/** Turns over some bits of one hash, spread over all of its parts. */
function turnBits(pictures: Uint32Array, position: number, bits: number): void {
  for (let i = 0; i < bits; i++) {
    const bit = (i * 37) % 256
    pictures[position * DIFFERENCE_HASH_WORDS + (bit >> 5)]! ^= 1 << (bit & 31)
  }
}

/** Images of which the second is a copy of the first but for some bits of its perceptual hash. */
function similar(bits: number, count = 40): ExaminedImages {
  const images = examined(count)
  images.pictures.copyWithin(DIFFERENCE_HASH_WORDS, 0, DIFFERENCE_HASH_WORDS)
  turnBits(images.pictures, 1, bits)
  return images
}

describe('rules of one image', () => {
  it('small finds what is below its threshold, and not what is at it', () => {
    const images = examined(4, { sides: Uint32Array.of(31, 32, 112, 1) })
    expect(positions('small', images)).toEqual([0, 3])
    expect(positions('small', images, 112)).toEqual([0, 1, 3])
  })

  it('blurred finds what is below its threshold, and not what is at it', () => {
    expect(positions('blurred', examined(3, { sharpness: Float32Array.of(14.9, 15, 0) }))).toEqual([0, 2])
  })

  it('dark finds what is below its threshold, and not what is at it', () => {
    expect(positions('dark', examined(3, { brightness: Float32Array.of(39.9, 40, 255) }))).toEqual([0])
  })

  it('an image that cannot be decoded is found for that alone', () => {
    const images = examined(2, {
      undecodable: new Map([[1, 'truncated']]),
      sides: Uint32Array.of(112, 0),
      sharpness: Float32Array.of(150, 0),
      brightness: Float32Array.of(120, 0),
    })
    const finding = ruleNames.filter((name) => !ruleOf(name).needsModel && positions(name, images).length > 0)
    expect(finding).toEqual(['undecodable'])
    expect(positions('undecodable', images)).toEqual([1])
  })
})

describe('byte-identical', () => {
  it('finds every copy but one, and names that one', () => {
    const images = examined(6, { hashes: BigUint64Array.of(9n, 4n, 9n, 5n, 9n, 4n) })
    expect(found(ruleOf('byte-identical'), images)).toEqual([
      { rule: 'byte-identical', position: 5, value: 0, like: 1 },
      { rule: 'byte-identical', position: 2, value: 0, like: 0 },
      { rule: 'byte-identical', position: 4, value: 0, like: 0 },
    ])
    expect(positions('byte-identical', examined(6))).toEqual([])
  })

  it('of a photo in two identities keeps the one that is like its others', () => {
    const theirs = photo(1, 0)
    const embeddings = [
      theirs,
      photo(0, 1),
      photo(0, 2),
      photo(0, 3),
      photo(1, 1),
      photo(1, 2),
      photo(1, 3),
      theirs,
    ]
    const images = withEmbeddings(embeddings, [0, 0, 0, 0, 1, 1, 1, 1])
    images.hashes[7] = images.hashes[0]!
    expect(found(ruleOf('byte-identical'), images)).toMatchObject([{ position: 0, like: 7 }])
    expect(found(ruleOf('byte-identical'), { ...images, people: undefined })).toMatchObject([
      { position: 7, like: 0 },
    ])
  })
})

describe('near-duplicate', () => {
  it('finds pictures whose hashes differ in up to 24 bits, and no more', () => {
    expect(found(ruleOf('near-duplicate'), similar(24))).toEqual([
      { rule: 'near-duplicate', position: 1, value: 24, like: 0 },
    ])
    expect(positions('near-duplicate', similar(25))).toEqual([])
    expect(positions('near-duplicate', similar(25), 31)).toEqual([1])
    expect(positions('near-duplicate', similar(1), 0)).toEqual([])
  })

  it('keeps the sharpest of three', () => {
    const images = similar(3)
    images.pictures.copyWithin(2 * DIFFERENCE_HASH_WORDS, 0, DIFFERENCE_HASH_WORDS)
    images.sharpness[1] = 200
    expect(found(ruleOf('near-duplicate'), images)).toMatchObject([
      { position: 0, like: 1, value: 3 },
      { position: 2, like: 1, value: 3 },
    ])
  })

  it('leaves byte-identical images to their own rule', () => {
    const images = similar(0)
    images.hashes[1] = images.hashes[0]!
    expect(positions('near-duplicate', images)).toEqual([])
  })

  it('asks the embeddings, where there are any, whether it is one photo', () => {
    const twins = (cosine: number) => {
      const embeddings = [photo(0, 0), photo(0, 1, 0.5), photo(0, 2)]
      embeddings[1] = embeddings[0]!.map((value, i) => value + (1 / cosine - 1) * embeddings[1]![i]!)
      const images = withEmbeddings(embeddings)
      images.pictures.copyWithin(DIFFERENCE_HASH_WORDS, 0, DIFFERENCE_HASH_WORDS)
      return images
    }
    expect(positions('near-duplicate', twins(0.9)).length).toBe(1)
    expect(positions('near-duplicate', withTwoPeople())).toEqual([])
  })
})

/** One picture by its hash, two people by their embeddings. */
function withTwoPeople(): ExaminedImages {
  const images = withEmbeddings([photo(0, 0), photo(1, 0)], [0, 1])
  images.pictures.copyWithin(DIFFERENCE_HASH_WORDS, 0, DIFFERENCE_HASH_WORDS)
  return images
}

describe('outlier', () => {
  const ofPerson = (person: number, count: number) =>
    Array.from({ length: count }, (_, number) => photo(person, number))

  it('finds the wrong photos of an identity and none of the right ones', () => {
    const images = withEmbeddings([photo(5, 0), ...ofPerson(0, 7), photo(6, 0), photo(7, 0)])
    expect(positions('outlier', images)).toEqual([0, 8, 9])
    expect(positions('outlier', withEmbeddings(ofPerson(0, 10)))).toEqual([])
  })

  it('is not misled where nearly half of the photos are wrong', () => {
    const wrong = Array.from({ length: 6 }, (_, i) => photo(20 + i, 0))
    expect(positions('outlier', withEmbeddings([...wrong, ...ofPerson(0, 8)]))).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('takes a photo by its threshold', () => {
    const images = withEmbeddings([...ofPerson(0, 6), photo(0, 9, 0.35)])
    const { value } = found(ruleOf('outlier'), images, 1).filter(({ position }) => position === 6)[0]!
    expect(value).toBeGreaterThan(0.3)
    expect(positions('outlier', images, value)).toEqual([])
    expect(positions('outlier', images, value + 1e-6)).toEqual([6])
  })

  it('finds an embedding of zeros, which is like nobody', () => {
    const nobody = photo(0, 0).map(() => 0)
    expect(found(ruleOf('outlier'), withEmbeddings([...ofPerson(0, 6), nobody]))).toMatchObject([
      { position: 6, value: 0 },
    ])
  })

  it('says nothing of a single photo, and of two that differ cannot tell which is wrong', () => {
    expect(positions('outlier', withEmbeddings([photo(0, 0)]))).toEqual([])
    expect(positions('outlier', withEmbeddings([photo(0, 0), photo(1, 0)]))).toEqual([0, 1])
    expect(positions('outlier', withEmbeddings([photo(0, 0), photo(0, 1)]))).toEqual([])
  })
})

describe('two-people', () => {
  const mixed = (first: number, second: number) =>
    withEmbeddings([
      ...Array.from({ length: first }, (_, number) => photo(0, number)),
      ...Array.from({ length: second }, (_, number) => photo(1, number)),
    ])

  it('finds the photos of the one who has fewer', () => {
    expect(found(ruleOf('two-people'), mixed(8, 4))).toMatchObject(
      [8, 9, 10, 11].map((position) => ({ position })),
    )
    expect(positions('two-people', mixed(3, 7))).toEqual([0, 1, 2])
    expect(found(ruleOf('two-people'), mixed(8, 4))[0]!.like).toBeLessThan(8)
  })

  it('finds none where a second person has two photos, or there is none', () => {
    expect(positions('two-people', mixed(8, 2))).toEqual([])
    expect(positions('two-people', mixed(12, 0))).toEqual([])
  })

  it('takes them by the cosine of the two centres', () => {
    const { value } = found(ruleOf('two-people'), mixed(8, 4))[0]!
    expect(Math.abs(value)).toBeLessThan(0.28)
    expect(positions('two-people', mixed(8, 4), value)).toEqual([])
    expect(positions('two-people', mixed(8, 4), value + 1e-9)).toEqual([8, 9, 10, 11])
  })
})
