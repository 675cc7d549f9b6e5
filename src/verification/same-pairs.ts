import type { Random } from '../random/random.js'
import type { ImagePositions } from './image-positions.js'

/** Pairs of images of one identity. */
export function samePairCapacity({ length }: ImagePositions): number {
  return (length * (length - 1)) / 2
}

/** Draws `count` pairs, as evenly from the identities as their images allow. */
export function drawSamePairs(
  identities: ImagePositions[],
  count: number,
  random: Random,
): [number, number][] {
  const order = random.shuffle([...identities])
  const quotas = evenQuotas(order.map(samePairCapacity), count)
  return order.flatMap((identity, i) =>
    drawNumbers(quotas[i]!, samePairCapacity(identity), random).map((number): [number, number] => {
      const [first, second] = pairOfNumber(number)
      return [identity[first]!, identity[second]!]
    }),
  )
}

/** One each in turn, from those that have any left, until `count` are given out. The capacities must allow that. */
function evenQuotas(capacities: number[], count: number): number[] {
  const quotas = capacities.map(() => 0)
  let left = count
  while (left > 0) {
    const open = capacities.flatMap((capacity, i) => (quotas[i]! < capacity ? [i] : []))
    // All that are open get a share at once; the last ones out go to the first in the order.
    const share = Math.max(1, Math.floor(left / open.length))
    for (const i of open) {
      const given = Math.min(share, capacities[i]! - quotas[i]!, left)
      quotas[i]! += given
      left -= given
    }
  }
  return quotas
}

/** `count` different integers below `limit`, in random order. */
export function drawNumbers(count: number, limit: number, random: Random): number[] {
  if (2 * count > limit) {
    return random.shuffle(Array.from({ length: limit }, (_, i) => i)).slice(0, count)
  }
  const drawn = new Set<number>()
  while (drawn.size < count) drawn.add(random.integer(limit))
  return [...drawn]
}

/** Numbers the pairs (i, j), i < j: (0, 1), (0, 2), (1, 2), (0, 3) ... */
function pairOfNumber(number: number): [number, number] {
  let second = Math.floor((1 + Math.sqrt(1 + 8 * number)) / 2)
  // The root may be off by one in the last bit.
  while ((second * (second - 1)) / 2 > number) second--
  while (((second + 1) * second) / 2 <= number) second++
  return [number - (second * (second - 1)) / 2, second]
}
