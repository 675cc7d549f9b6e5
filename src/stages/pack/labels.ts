import type { Parts } from './parts.js'
import type { PackShard } from './shard.js'

/** What is known of the identities once all files have been read. */
export interface Labelling {
  /** By position in the order of names. */
  names: string[]
  /** Position in the inputs of each one's first folder. */
  sources: Uint16Array
  /** Images of each that were stored. */
  images: Uint32Array
  /** Label of each, -1 for one that has none. */
  labels: Int32Array
}

/** Numbers the identities that keep at least `minimum` images, in the order of their names. */
export function assignLabels(shards: PackShard[], parts: Parts, minimum: number): Labelling {
  const folders = shards.flatMap(({ folders }) => folders)
  const count = (folders.at(-1)?.identity ?? -1) + 1
  const names = new Array<string>(count)
  const sources = new Uint16Array(count)
  const images = new Uint32Array(count)
  let position = 0
  for (const { identity, name, source, files } of folders) {
    if (names[identity] === undefined) {
      names[identity] = name
      sources[identity] = source
    }
    for (const end = position + files; position < end; position++) {
      if (parts.isStored(position)) images[identity]!++
    }
  }
  let next = 0
  const labels = new Int32Array(count).map((_, identity) => (images[identity]! >= minimum ? next++ : -1))
  return { names, sources, images, labels }
}

/** Positions of the files whose images get into the dataset, and of those that are left out, in order. */
export function splitPositions(
  shards: PackShard[],
  parts: Parts,
  { labels }: Labelling,
): { kept: Uint32Array; left: Uint32Array } {
  const kept = new Uint32Array(parts.count)
  const left = new Uint32Array(parts.count)
  let keptCount = 0
  let position = 0
  for (const { identity, files } of shards.flatMap(({ folders }) => folders)) {
    for (const end = position + files; position < end; position++) {
      if (labels[identity]! >= 0 && parts.isStored(position)) kept[keptCount++] = position
      else left[position - keptCount] = position
    }
  }
  return { kept: kept.subarray(0, keptCount), left: left.subarray(0, parts.count - keptCount) }
}
