/**
 * Positions in the order of hash, then identity, then position: equal hashes stand together, and among them equal
 * identities. 8 bytes a position while it sorts.
 *
 * The engine sorts 64-bit numbers much faster than it calls a comparison: so the low bits of each hash give way to the
 * position, and only the few with the same high bits are compared in full.
 */
export function orderByHash(
  positions: Uint32Array,
  hashes: BigUint64Array,
  identities: Uint32Array,
): Uint32Array {
  const count = positions.length
  const mask = 2 ** (32 - Math.clz32(count)) - 1
  const packed = new BigUint64Array(count)
  // Low half, high half: little-endian, as every format here.
  const words = new Uint32Array(packed.buffer)
  const halves = new Uint32Array(hashes.buffer, hashes.byteOffset, 2 * hashes.length)
  for (let i = 0; i < count; i++) {
    const position = positions[i]!
    words[2 * i] = (halves[2 * position]! & ~mask) | i
    words[2 * i + 1] = halves[2 * position + 1]!
  }
  packed.sort()
  const order = new Uint32Array(count)
  for (let i = 0; i < count; i++) order[i] = positions[words[2 * i]! & mask]!
  const isSame = (i: number, j: number) =>
    words[2 * i + 1] === words[2 * j + 1] && ((words[2 * i]! ^ words[2 * j]!) & ~mask) === 0
  for (let first = 0, end = 1; first < count; first = end, end++) {
    while (end < count && isSame(first, end)) end++
    if (end - first > 1) order.subarray(first, end).sort(byHash(hashes, identities))
  }
  return order
}

function byHash(hashes: BigUint64Array, identities: Uint32Array): (a: number, b: number) => number {
  return (a, b) => {
    const [first, second] = [hashes[a]!, hashes[b]!]
    if (first !== second) return first < second ? -1 : 1
    return identities[a]! - identities[b]! || a - b
  }
}
