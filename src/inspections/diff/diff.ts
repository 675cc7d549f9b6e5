import { Dataset, resolveDataset } from '../../dataset/index.js'
import type { DifferenceCounts, DiffSide, IdentityChange, ImageChange } from './difference.js'
import { IdentityNames } from './identity-names.js'
import { type ImageColumns, identitiesByLabel, imageRows, readImageColumns } from './image-columns.js'
import { type ImageMatch, ImageState, matchImages } from './match-images.js'

/** No image of this identity was met. */
const ABSENT = -1

/** A dataset, open, with what is compared of it. */
interface Side {
  dataset: Dataset
  images: ImageColumns
  /** By number of the identity: the label, or `ABSENT`. */
  labels: Int32Array
}

/**
 * What differs between two datasets. Identities are compared by name, images by identity and hash of their bytes, then
 * by path. 24 bytes an image; the changes are read again, not kept.
 */
export class Difference {
  readonly #from: Side
  readonly #to: Side
  readonly #names: IdentityNames
  readonly #match: ImageMatch
  readonly counts: DifferenceCounts

  private constructor(from: Side, to: Side, names: IdentityNames) {
    this.#from = from
    this.#to = to
    this.#names = names
    this.#match = matchImages(from.images, to.images)
    this.counts = this.#count()
  }

  /**
   * Compares two datasets, given by name or path. That of another tool has every image read and hashed.
   * @throws InputError; the reason of `signal`
   */
  static async find(
    from: string,
    to: string,
    options: { datasets?: string; signal?: AbortSignal } = {},
  ): Promise<Difference> {
    const names = new IdentityNames()
    const first = await openSide(from, names, options)
    try {
      return new Difference(first, await openSide(to, names, options), names)
    } catch (error) {
      await first.dataset.close()
      throw error
    }
  }

  /** The identities that differ: those removed, added and relabelled, in the order of the datasets. */
  *identities(): Generator<IdentityChange> {
    const { labels: from } = this.#from
    const { labels: to } = this.#to
    for (let i = 0; i < this.#names.count; i++) {
      const [fromLabel = ABSENT, toLabel = ABSENT] = [from[i], to[i]]
      if (fromLabel === toLabel) continue
      const name = this.#names.name(i)
      if (toLabel === ABSENT) yield { kind: 'removed', name, fromLabel }
      else if (fromLabel === ABSENT) yield { kind: 'added', name, toLabel }
      else yield { kind: 'relabelled', name, fromLabel, toLabel }
    }
  }

  /** The images that differ: of the first dataset in its order, then those added, in the order of the second. */
  async *images(signal?: AbortSignal): AsyncGenerator<ImageChange> {
    const { added, removed, moved, changed } = this.counts.images
    if (removed + moved + changed > 0) {
      yield* this.#changesOf(this.#from, this.#match.from, 'removed', signal)
    }
    if (added > 0) yield* this.#changesOf(this.#to, this.#match.to, 'added', signal)
  }

  async close(): Promise<void> {
    await this.#from.dataset.close()
    await this.#to.dataset.close()
  }

  async *#changesOf(
    { dataset, images }: Side,
    states: Uint8Array,
    alone: 'added' | 'removed',
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ImageChange> {
    let i = 0
    for await (const rows of imageRows(dataset, signal)) {
      for (const { key, path } of rows) {
        const position = i++
        const identity = this.#names.name(images.identities[position]!)
        if (states[position] === ImageState.alone) yield { kind: alone, identity, path, key }
        else if (alone === 'removed') yield* this.#pairedChange(position, { identity, path, key })
      }
    }
  }

  *#pairedChange(position: number, image: Omit<ImageChange, 'kind'>): Generator<ImageChange> {
    const state = this.#match.from[position]
    if (state === ImageState.changed) yield { kind: 'changed', ...image }
    if (state !== ImageState.moved) return
    yield { kind: 'moved', ...image, toIdentity: this.#names.name(this.#match.movedTo[position]!) }
  }

  #count(): DifferenceCounts {
    const identities = { added: 0, removed: 0, relabelled: 0 }
    for (const { kind } of this.identities()) identities[kind]++
    const [from, to] = [describeSide(this.#from), describeSide(this.#to)]
    const states = countStates(this.#match.from)
    return {
      from,
      to,
      identities: { ...identities, kept: from.identities - identities.removed },
      images: {
        added: countStates(this.#match.to)[ImageState.alone]!,
        removed: states[ImageState.alone]!,
        moved: states[ImageState.moved]!,
        changed: states[ImageState.changed]!,
        unchanged: states[ImageState.unchanged]!,
      },
    }
  }
}

async function openSide(
  nameOrPath: string,
  names: IdentityNames,
  { datasets, signal }: { datasets?: string; signal?: AbortSignal },
): Promise<Side> {
  const dataset = await Dataset.open(await resolveDataset(nameOrPath, datasets))
  try {
    const byLabel = await identitiesByLabel(dataset, names)
    const images = await readImageColumns(dataset, byLabel, signal)
    return { dataset, images, labels: labelsInUse(byLabel, images, names.count) }
  } catch (error) {
    await dataset.close()
    throw error
  }
}

/** Of several labels with one name, the first. */
function labelsInUse(byLabel: Uint32Array, images: ImageColumns, names: number): Int32Array {
  const used = new Uint8Array(names)
  for (const identity of images.identities) used[identity] = 1
  const labels = new Int32Array(names).fill(ABSENT)
  for (let label = 0; label < byLabel.length; label++) {
    const identity = byLabel[label]!
    if (used[identity] === 1 && labels[identity] === ABSENT) labels[identity] = label
  }
  return labels
}

function describeSide({ dataset, images, labels }: Side): DiffSide {
  let identities = 0
  for (const label of labels) if (label !== ABSENT) identities++
  return { name: dataset.name, path: dataset.directory, images: images.count, identities }
}

/** By `ImageState`. */
function countStates(states: Uint8Array): number[] {
  const counts = [0, 0, 0, 0]
  for (const state of states) counts[state]!++
  return counts
}
