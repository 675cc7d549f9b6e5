import { orderByHash } from './hash-order.js'
import type { ImageColumns } from './image-columns.js'

/** What became of an image. `alone`: it is in one dataset only. */
export const ImageState = { alone: 0, unchanged: 1, moved: 2, changed: 3 } as const

/** States of the images of two datasets. */
export interface ImageMatch {
  from: Uint8Array
  to: Uint8Array
  /** Number of the identity that a moved image of the first has in the second. */
  movedTo: Uint32Array
}

/** Positions of images of both datasets, in the order of hashes and, among equal ones, of identities. */
interface Order {
  from: Uint32Array
  to: Uint32Array
}

/** Images with one hash: places in an order, from `first` on and before `end`. */
interface Group {
  first: number
  end: number
}

/**
 * Pairs the images of two datasets, each with at most one other: first those with the same bytes under the same
 * identity, then the same bytes under another one, then the same path under the same identity.
 */
export function matchImages(from: ImageColumns, to: ImageColumns): ImageMatch {
  const matcher = new ImageMatcher(from, to)
  matcher.matchBytes()
  matcher.matchPaths()
  return matcher.match
}

class ImageMatcher {
  readonly #from: ImageColumns
  readonly #to: ImageColumns
  readonly match: ImageMatch

  constructor(from: ImageColumns, to: ImageColumns) {
    this.#from = from
    this.#to = to
    this.match = {
      from: new Uint8Array(from.count),
      to: new Uint8Array(to.count),
      movedTo: new Uint32Array(from.count),
    }
  }

  matchBytes(): void {
    const [from, to] = [this.#from, this.#to]
    const order = {
      from: orderByHash(allPositions(from.count), from.hashes, from.identities),
      to: orderByHash(allPositions(to.count), to.hashes, to.identities),
    }
    forEachGroup(order, from.hashes, to.hashes, (first, second) => {
      this.#pairIdentities(order, first, second, ImageState.unchanged)
      this.#pairRest(order, first, second)
    })
  }

  matchPaths(): void {
    const [from, to] = [this.#from, this.#to]
    const order = {
      from: orderByHash(aloneWithPath(this.match.from, from), from.paths, from.identities),
      to: orderByHash(aloneWithPath(this.match.to, to), to.paths, to.identities),
    }
    forEachGroup(order, from.paths, to.paths, (first, second) => {
      this.#pairIdentities(order, first, second, ImageState.changed)
    })
  }

  #pairIdentities(order: Order, first: Group, second: Group, state: number): void {
    let i = first.first
    let j = second.first
    while (i < first.end && j < second.end) {
      const image = order.from[i]!
      const other = order.to[j]!
      const difference = this.#from.identities[image]! - this.#to.identities[other]!
      if (difference === 0) {
        this.match.from[image] = state
        this.match.to[other] = state
      }
      if (difference <= 0) i++
      if (difference >= 0) j++
    }
  }

  /** Those left of a group have the same bytes under different identities. */
  #pairRest(order: Order, first: Group, second: Group): void {
    const { from, to, movedTo } = this.match
    let j = second.first
    for (let i = first.first; i < first.end; i++) {
      const image = order.from[i]!
      if (from[image] !== ImageState.alone) continue
      while (j < second.end && to[order.to[j]!] !== ImageState.alone) j++
      if (j === second.end) return
      const other = order.to[j]!
      from[image] = ImageState.moved
      to[other] = ImageState.moved
      movedTo[image] = this.#to.identities[other]!
    }
  }
}

/** Calls `visit` for each hash that stands on both sides. The two groups are the same objects each time. */
function forEachGroup(
  order: Order,
  from: BigUint64Array,
  to: BigUint64Array,
  visit: (first: Group, second: Group) => void,
): void {
  const first = { first: 0, end: 0 }
  const second = { first: 0, end: 0 }
  while (first.end < order.from.length && second.end < order.to.length) {
    const hash = from[order.from[first.end]!]!
    const other = to[order.to[second.end]!]!
    if (hash < other) first.end++
    else if (hash > other) second.end++
    else {
      first.first = first.end
      second.first = second.end
      while (first.end < order.from.length && from[order.from[first.end]!] === hash) first.end++
      while (second.end < order.to.length && to[order.to[second.end]!] === hash) second.end++
      visit(first, second)
    }
  }
}

function allPositions(count: number): Uint32Array {
  const positions = new Uint32Array(count)
  for (let i = 0; i < count; i++) positions[i] = i
  return positions
}

function aloneWithPath(states: Uint8Array, { paths }: ImageColumns): Uint32Array {
  let count = 0
  const isLeft = (i: number) => states[i] === ImageState.alone && paths[i] !== 0n
  for (let i = 0; i < states.length; i++) if (isLeft(i)) count++
  const positions = new Uint32Array(count)
  for (let i = 0, filled = 0; i < states.length; i++) if (isLeft(i)) positions[filled++] = i
  return positions
}
