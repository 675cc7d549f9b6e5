import xxhash from 'xxhash-wasm'

const { h64Raw, create64 } = await xxhash()

/** xxHash64, seed 0, of the bytes. Source: Collet, xxHash specification 0.1.1. */
export function xxh64(bytes: Uint8Array): bigint {
  return h64Raw(bytes)
}

/** xxHash64 of bytes that arrive in pieces. */
export interface StreamingHash {
  update(bytes: Uint8Array): void
  digest(): bigint
}

export function createXxh64(): StreamingHash {
  const hash = create64()
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => hash.digest(),
  }
}

/** 16 lower-case hex digits, the form in which hashes stand in JSON files and directory names. */
export function hashToHex(hash: bigint): string {
  return hash.toString(16).padStart(16, '0')
}
