/** Positions of images by label: 4 bytes an identity, and 4 an image unless these stand by label as they are. */
export class PhotosByLabel {
  readonly #starts: Uint32Array
  readonly #order: Uint32Array | undefined

  /** @param labels by position, all below `identities` */
  constructor(labels: Int32Array, identities: number) {
    this.#starts = new Uint32Array(identities + 1)
    for (const label of labels) this.#starts[label + 1]!++
    for (let label = 0; label < identities; label++) this.#starts[label + 1]! += this.#starts[label]!
    if (isAscending(labels)) return
    const next = this.#starts.slice(0, identities)
    this.#order = new Uint32Array(labels.length)
    for (const [position, label] of labels.entries()) this.#order[next[label]!++] = position
  }

  count(label: number): number {
    return this.#starts[label + 1]! - this.#starts[label]!
  }

  /** Position of the first image of an identity; -1 where it has none. */
  first(label: number): number {
    return this.count(label) === 0 ? -1 : this.at(label, 0)
  }

  /** Position of an image of an identity by its place among them. */
  at(label: number, place: number): number {
    const i = this.#starts[label]! + place
    return this.#order?.[i] ?? i
  }

  /** Positions of all images of an identity, ascending. */
  positions(label: number): Uint32Array {
    const positions = new Uint32Array(this.count(label))
    for (let place = 0; place < positions.length; place++) positions[place] = this.at(label, place)
    return positions
  }

  /** At most `most` images of an identity, spread evenly over all it has. */
  sample(label: number, most: number): number[] {
    const count = this.count(label)
    const taken = Math.min(most, count)
    return Array.from({ length: taken }, (_, i) => this.at(label, Math.floor((i * count) / taken)))
  }
}

function isAscending(labels: Int32Array): boolean {
  for (let i = 1; i < labels.length; i++) if (labels[i]! < labels[i - 1]!) return false
  return true
}
