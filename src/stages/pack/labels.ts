import type { Identity, Source } from '../../dataset/index.js'
import type { EmptyLabel } from '../empty-labels.js'
import { emptyIdentity } from '../kept-labels.js'
import { byBytes } from './byte-order.js'
import type { Parts } from './parts.js'
import type { FrozenLabels, PackShard } from './shard.js'

/** What is known of the identities that have files, once all files have been read. By position in the order of the dataset. */
export interface Labelling {
  names: string[]
  /** Position in the inputs of each one's first folder. */
  sources: Uint16Array
  /** Images of each that were stored. */
  images: Uint32Array
  /** Label of each in the dataset of --labels-from, -1 where it was not there. */
  keptLabels: Int32Array
  /** Label of each, -1 for one whose images are left out. */
  labels: Int32Array
}

/** Numbers the identities that keep at least `minimum` images, in order: kept labels first, new ones after all of those. */
export function assignLabels(
  shards: PackShard[],
  parts: Parts,
  minimum: number,
  kept: FrozenLabels | undefined,
): Labelling {
  const folders = shards.flatMap(({ folders }) => folders)
  const count = (folders.at(-1)?.identity ?? -1) + 1
  const names = new Array<string>(count)
  const sources = new Uint16Array(count)
  const images = new Uint32Array(count)
  const keptLabels = new Int32Array(count)
  let position = 0
  for (const { identity, keptLabel, name, source, files } of folders) {
    if (names[identity] === undefined) {
      names[identity] = name
      sources[identity] = source
      keptLabels[identity] = keptLabel
    }
    for (const end = position + files; position < end; position++) {
      if (parts.isStored(position)) images[identity]!++
    }
  }
  let next = kept?.count ?? 0
  const labels = new Int32Array(count).map((_, identity) => {
    if (images[identity]! < minimum) return -1
    return keptLabels[identity]! >= 0 ? keptLabels[identity]! : next++
  })
  return { names, sources, images, keptLabels, labels }
}

/** The identities in the order of labels, and those among them without images. */
export function identitiesByLabel(
  { names, sources, keptLabels, labels }: Labelling,
  kept: FrozenLabels | undefined,
  inputs: Source[],
): { identities: Identity[]; empty: EmptyLabel[] } {
  const identities: Identity[] = []
  const empty: EmptyLabel[] = []
  for (const absent of kept?.absent ?? []) {
    identities[absent.label] = emptyIdentity(absent, inputs)
    empty.push({ label: absent.label, ...(absent.name !== undefined && { name: absent.name }) })
  }
  for (const [identity, name] of names.entries()) {
    const label = labels[identity]! >= 0 ? labels[identity]! : keptLabels[identity]!
    if (label < 0) continue
    identities[label] = { name, source: sources[identity]!, sourceName: name, sourceLabel: -1 }
    if (labels[identity]! < 0) empty.push({ label, name })
  }
  return { identities, empty: empty.sort((a, b) => a.label - b.label) }
}

/** Whether the labels are those that the names alone give: then the dataset says nothing of where they come from. */
export function isOrderOfNames(identities: Identity[], empty: EmptyLabel[]): boolean {
  return (
    empty.length === 0 &&
    identities.every(({ name }, i) => i === 0 || byBytes(identities[i - 1]!.name ?? '', name ?? '') < 0)
  )
}

/** Positions of the files whose images get into the dataset, and of those that are left out, in order. */
export interface Positions {
  kept: Uint32Array
  left: Uint32Array
}

export function splitPositions(shards: PackShard[], parts: Parts, { labels }: Labelling): Positions {
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
