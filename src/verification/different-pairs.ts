import type { Random } from '../random/random.js'
import type { ImagePositions } from './image-positions.js'
import { drawNumbers } from './same-pairs.js'

/** Pairs of images of two identities. */
export function differentPairCapacity(identities: ImagePositions[]): number {
  let images = 0
  let pairs = 0
  for (const { length } of identities) {
    pairs += images * length
    images += length
  }
  return pairs
}

/**
 * Draws `count` pairs, no pair twice. In rounds over all identities in random order, neighbours are paired and an image
 * of each is drawn; where that finds few new pairs any more (few identities, or one with most of the images), the rest
 * is drawn evenly from the pairs that are left.
 */
export function drawDifferentPairs(
  identities: ImagePositions[],
  count: number,
  random: Random,
): [number, number][] {
  const drawn = new PairSet()
  const order = [...identities]
  let fruitful = order.length > 1
  while (fruitful && drawn.pairs.length < count) {
    random.shuffle(order)
    const before = drawn.pairs.length
    const tried = Math.min(Math.floor(order.length / 2), count - before)
    for (let i = 0; i < tried; i++)
      drawn.add(imageOf(order[2 * i]!, random), imageOf(order[2 * i + 1]!, random))
    fruitful = drawn.pairs.length - before >= tried / 2
  }
  const missing = count - drawn.pairs.length
  if (missing > 0) drawFromAll(identities, missing, random, drawn)
  return drawn.pairs
}

/** Evenly from all pairs that are not drawn yet, by their number. */
function drawFromAll(identities: ImagePositions[], missing: number, random: Random, drawn: PairSet): void {
  const capacity = differentPairCapacity(identities)
  const target = drawn.pairs.length + missing
  // Among `target` different numbers at least `missing` name pairs that were not drawn before.
  for (const number of drawNumbers(target, capacity, random)) {
    if (drawn.pairs.length === target) return
    drawn.add(...pairOfNumber(identities, number))
  }
}

/** Numbers the pairs by the later identity, then its image, then the image of an earlier one. */
function pairOfNumber(identities: ImagePositions[], number: number): [number, number] {
  let images = 0
  let left = number
  for (const [index, identity] of identities.entries()) {
    const pairs = images * identity.length
    if (left < pairs) {
      return [earlierImage(identities, index, left % images), identity[Math.floor(left / images)]!]
    }
    left -= pairs
    images += identity.length
  }
  throw new RangeError(`there is no pair ${number}`)
}

function earlierImage(identities: ImagePositions[], end: number, number: number): number {
  let left = number
  for (const identity of identities.slice(0, end)) {
    if (left < identity.length) return identity[left]!
    left -= identity.length
  }
  throw new RangeError(`there is no image ${number}`)
}

function imageOf(identity: ImagePositions, random: Random): number {
  return identity[random.integer(identity.length)]!
}

/** Pairs without regard to the order of their images. */
class PairSet {
  readonly pairs: [number, number][] = []
  readonly #keys = new Set<string>()

  add(first: number, second: number): void {
    const key = first < second ? `${first} ${second}` : `${second} ${first}`
    if (this.#keys.has(key)) return
    this.#keys.add(key)
    this.pairs.push([first, second])
  }
}
