import { join } from 'node:path'
import { emptyMeasures, type ImageMeasures, type MeasuredImages, setMeasures } from '../../curation/index.js'
import type { Dataset } from '../../dataset/index.js'
import { FacedataError } from '../../errors/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { readWholeFile, writeFileAtomically } from '../../io/index.js'
import type { ShardResult } from '../stage.js'

/** Columns in the order of the file. */
const COLUMNS = ['hashes', 'pictures', 'sides', 'sharpness', 'brightness'] as const

/** What stands in front of them, after its own length in bytes, u32. */
interface Head {
  count: number
  /** Position in the part, and reason. */
  undecodable: [number, string][]
}

function partFile(shard: number): string {
  return `measures-${shard}.bin`
}

/** Writes what was measured of a shard's images: the columns one after the other, little-endian. */
export async function writeMeasures(
  scratch: string,
  shard: number,
  { count, undecodable, ...measures }: MeasuredImages,
): Promise<ShardResult['files'][number]> {
  const head = Buffer.from(JSON.stringify({ count, undecodable: [...undecodable] } satisfies Head))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  const columns = COLUMNS.map((name) => bytesOf(measures[name]))
  const bytes = Buffer.concat([length, head, ...columns])
  const path = partFile(shard)
  await writeFileAtomically(join(scratch, path), bytes)
  return { path, bytes: bytes.length, xxh64: hashToHex(xxh64(bytes)) }
}

/** What all shards measured, as one run would have. */
export async function joinMeasures(
  scratch: string,
  shards: number[],
  dataset: Dataset,
): Promise<MeasuredImages> {
  const labels = await dataset.labels()
  const all = emptyMeasures(labels.length)
  const undecodable = new Map<number, string>()
  let first = 0
  for (const shard of shards) {
    const bytes = await readWholeFile(join(scratch, partFile(shard)))
    const headBytes = bytes.readUInt32LE(0)
    const head = JSON.parse(bytes.toString('utf8', 4, 4 + headBytes)) as Head
    setMeasures(all, columnsOf(bytes.subarray(4 + headBytes), head.count), first)
    for (const [position, reason] of head.undecodable) undecodable.set(first + position, reason)
    first += head.count
  }
  if (first !== labels.length) {
    throw new FacedataError(`the shards measured ${first} of ${labels.length} images: plan again`)
  }
  return { ...all, count: labels.length, labels, undecodable }
}

function columnsOf(bytes: Uint8Array, count: number): ImageMeasures {
  const measures = emptyMeasures(count)
  let at = 0
  for (const name of COLUMNS) {
    const column = bytesOf(measures[name])
    column.set(bytes.subarray(at, at + column.length))
    at += column.length
  }
  return measures
}

function bytesOf({ buffer, byteOffset, byteLength }: ImageMeasures[keyof ImageMeasures]): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
