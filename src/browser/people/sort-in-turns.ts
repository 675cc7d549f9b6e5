import { Turns } from './turns.js'

/** Labels that are sorted at once, and merged between two looks at the clock. */
const SORTED_AT_ONCE = 512
const MERGED_AT_ONCE = 256

/** By label: below 0 where the first comes before the second. */
export type Comparison = (a: number, b: number) => number

/**
 * Sorts labels, and lets the server answer in between. A merge sort; parts that are in order already are not merged, so
 * that people who were packed by name cost one pass. @param labels may be written over
 */
export async function sortInTurns(labels: Uint32Array, compare: Comparison): Promise<Uint32Array> {
  const turns = new Turns()
  for (let first = 0; first < labels.length; first += SORTED_AT_ONCE) {
    const part = labels.subarray(first, first + SORTED_AT_ONCE)
    if (!isSorted(part, compare)) part.sort(compare)
    if (turns.isOver) await turns.next()
  }
  let from = labels
  let to: Uint32Array = new Uint32Array(labels.length)
  for (let width = SORTED_AT_ONCE; width < labels.length; width *= 2) {
    for (let first = 0; first < labels.length; first += 2 * width) {
      const middle = Math.min(first + width, labels.length)
      const end = Math.min(middle + width, labels.length)
      await merge({ from, to, first, middle, end }, compare, turns)
    }
    ;[from, to] = [to, from]
  }
  return from
}

/** Two sorted parts of `from`, side by side, that become one in `to`. */
interface Merge {
  from: Uint32Array
  to: Uint32Array
  first: number
  middle: number
  end: number
}

async function merge(
  { from, to, first, middle, end }: Merge,
  compare: Comparison,
  turns: Turns,
): Promise<void> {
  if (middle === end || compare(from[middle - 1]!, from[middle]!) <= 0) {
    to.set(from.subarray(first, end), first)
    if (turns.isOver) await turns.next()
    return
  }
  let left = first
  let right = middle
  for (let at = first; at < end; ) {
    const pause = Math.min(end, at + MERGED_AT_ONCE)
    for (; at < pause; at++) {
      const takesLeft = right === end || (left < middle && compare(from[left]!, from[right]!) <= 0)
      to[at] = takesLeft ? from[left++]! : from[right++]!
    }
    if (turns.isOver) await turns.next()
  }
}

function isSorted(labels: Uint32Array, compare: Comparison): boolean {
  for (let i = 1; i < labels.length; i++) if (compare(labels[i - 1]!, labels[i]!) > 0) return false
  return true
}
