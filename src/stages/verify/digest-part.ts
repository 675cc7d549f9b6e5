import { join } from 'node:path'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { emptyDigests, type ImageDigests, setDigests } from '../../inspections/verify/image-digests.js'
import { readWholeFile, writeFileAtomically } from '../../io/index.js'
import type { ShardResult } from '../stage.js'

/** Columns in the order of the file. */
const COLUMNS = ['offsets', 'hashes', 'shapes', 'readable'] as const

/** What stands in front of them, after its own length in bytes, u32. */
interface Head {
  count: number
  failures?: ImageDigests['failures']
}

function partFile(shard: number): string {
  return `digests-${shard}.bin`
}

/** Writes the columns one after the other, little-endian. */
export async function writeDigests(
  scratch: string,
  shard: number,
  digests: ImageDigests,
): Promise<ShardResult['files'][number]> {
  const { offsets, failures } = digests
  const head = Buffer.from(JSON.stringify({ count: offsets.length, ...(failures && { failures }) }))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  const bytes = Buffer.concat([length, head, ...COLUMNS.map((name) => bytesOf(digests[name]))])
  const path = partFile(shard)
  await writeFileAtomically(join(scratch, path), bytes)
  return { path, bytes: bytes.length, xxh64: hashToHex(xxh64(bytes)) }
}

/** What all shards found out, in order. */
export async function joinDigests(scratch: string, shards: number[], decode: boolean): Promise<ImageDigests> {
  const parts: ImageDigests[] = []
  for (const shard of shards) parts.push(await readDigests(scratch, shard))
  const count = parts.reduce((sum, { offsets }) => sum + offsets.length, 0)
  const all = emptyDigests(new Float64Array(count), decode)
  let first = 0
  for (const part of parts) {
    setDigests(all, part, first)
    first += part.offsets.length
  }
  return all
}

async function readDigests(scratch: string, shard: number): Promise<ImageDigests> {
  const bytes = await readWholeFile(join(scratch, partFile(shard)))
  const headBytes = bytes.readUInt32LE(0)
  const { count, failures } = JSON.parse(bytes.toString('utf8', 4, 4 + headBytes)) as Head
  const digests = emptyDigests(new Float64Array(count), failures !== undefined)
  let at = 4 + headBytes
  for (const name of COLUMNS) {
    const column = bytesOf(digests[name])
    column.set(bytes.subarray(at, at + column.length))
    at += column.length
  }
  return { ...digests, failures }
}

function bytesOf({ buffer, byteOffset, byteLength }: ImageDigests[(typeof COLUMNS)[number]]): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
