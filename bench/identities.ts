/**
 * The rate of the exact search for nearest identity centres, and what 360,000 x 93,000 centres would take at that rate:
 * `npm run build && npx tsc --project bench && node .bench/identities.js [centres] [numbers]`
 */
import { availableParallelism } from 'node:os'
import { NearestSearch, type VectorSet } from '../dist/identities/index.js'
import { Random } from '../dist/random/random.js'

const FULL_PAIRS = 360_000 * 93_000

/** Vectors of length 1 in random directions. */
function vectors(count: number, size: number, seed: number): VectorSet {
  const random = new Random(seed)
  const values = new Float32Array(new SharedArrayBuffer(4 * count * size))
  for (let row = 0; row < count; row++) {
    const vector = values.subarray(row * size, (row + 1) * size)
    for (let i = 0; i < size; i++) vector[i] = random.normal()
    const length = Math.hypot(...vector)
    for (let i = 0; i < size; i++) vector[i]! /= length
  }
  return { count, size, values }
}

const [count = 8192, size = 512] = process.argv.slice(2).map(Number)
const threads = availableParallelism()
const search = new NearestSearch(threads)
const [a, b] = [vectors(count, size, 1), vectors(count, size, 2)]
// Threads start and open their sessions.
await search.between(vectors(threads * 1024, size, 3), vectors(64, size, 4))
const begin = performance.now()
await search.between(a, b)
const seconds = (performance.now() - begin) / 1000
await search.close()
const rate = (count * count) / seconds
console.log(
  `${count} x ${count} centres of ${size} numbers, ${threads} threads: ${seconds.toFixed(2)} s, ${(rate / 1e6).toFixed(0)} million pairs/s, ${((2 * size * rate) / 1e9).toFixed(0)} GFLOP/s; 360,000 x 93,000: ${(FULL_PAIRS / rate / 60).toFixed(1)} minutes`,
)
