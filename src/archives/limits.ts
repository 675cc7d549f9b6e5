import { describeFault } from '../errors/index.js'

/** What an entry may claim, so that a small archive cannot cost much memory or time. */
export interface ArchiveLimits {
  /** Of one file, in bytes. Entries are read whole, so that this bounds the memory of a thread. */
  entryBytes: number
}

/**
 * Deflate cannot do better than 1032. Photos do not shrink by it; flat bitmaps are the worst that people have, and small
 * ones of them may.
 */
const MAXIMUM_GROWTH = 200
const GROWTH_FREE_BYTES = 2 ** 20

/** What is wrong with the sizes that an entry claims, if anything. */
export function sizeProblem(
  { storedBytes, bytes, method }: { storedBytes: number; bytes: number; method: number },
  limits: ArchiveLimits,
): string | undefined {
  const larger = Math.max(storedBytes, bytes)
  if (larger > limits.entryBytes) {
    return describeFault({
      problem: 'the file is too large',
      expected: `at most ${limits.entryBytes} bytes`,
      actual: larger,
    })
  }
  if (method === 0 && storedBytes !== bytes) {
    return describeFault({
      problem: 'its sizes disagree, though it is not compressed',
      expected: `${bytes} bytes`,
      actual: storedBytes,
    })
  }
  if (bytes > GROWTH_FREE_BYTES && bytes > storedBytes * MAXIMUM_GROWTH) {
    return describeFault({
      problem: 'it grows when unpacked as decompression bombs do',
      expected: `at most ${MAXIMUM_GROWTH} times its ${storedBytes} bytes`,
      actual: bytes,
    })
  }
  return undefined
}
