import * as zlib from 'node:zlib'

/** CRC-32 of ISO 3309, as zip and PNG have it. Node has had its own since 20.15; before that a table does. */
export const crc32: (bytes: Uint8Array) => number = zlib.crc32 ?? crc32ByTable

let table: Uint32Array | undefined

export function crc32ByTable(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let word = byte
    for (let bit = 0; bit < 8; bit++) word = word & 1 ? (word >>> 1) ^ 0xedb88320 : word >>> 1
    return word
  })
  let sum = 0xffffffff
  for (const byte of bytes) sum = table[(sum ^ byte) & 0xff]! ^ (sum >>> 8)
  return ~sum >>> 0
}
