import type { Graph, Value } from '../graph.js'
import { toBlocked, toRowMajor } from './layout.js'

/** Puts reorder nodes between kernels of different layouts, one for each value however many read it. */
export class LayoutChanges {
  readonly #graph: Graph
  readonly #changed = new Map<string, Value>()

  constructor(graph: Graph) {
    this.#graph = graph
  }

  /** The value in blocks of so many channels, or row-major. Values that are no images have one layout. */
  inLayout(value: Value, block: number | undefined): Value {
    if (value.block === block || value.shape.length !== 4) return value
    const known = this.#changed.get(value.name)
    if (known !== undefined && known.block === block) return known
    const changed =
      block === undefined ? toRowMajor(this.#graph, value) : toBlocked(this.#graph, value, block)
    this.#changed.set(value.name, changed)
    return changed
  }
}
