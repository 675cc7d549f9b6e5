/** A 32-bit CRC with reflected input and output, all bits set at the start and inverted at the end. */
export function reflectedCrc(polynomial: number): (bytes: Uint8Array) => number {
  let table: Uint32Array | undefined
  return (bytes) => {
    table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
      let word = byte
      for (let bit = 0; bit < 8; bit++) word = word & 1 ? (word >>> 1) ^ polynomial : word >>> 1
      return word
    })
    let sum = 0xffffffff
    for (const byte of bytes) sum = table[(sum ^ byte) & 0xff]! ^ (sum >>> 8)
    return ~sum >>> 0
  }
}
