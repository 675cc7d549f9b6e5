import { elementCount } from '../../network/index.js'
import { isClipped } from '../gradient-clipping.js'
import type { Graph, Value } from './graph.js'

/** Parameters that the optimizer moves as one vector. */
export interface GradientGroup {
  /** Of the parameters, in the state. All are clipped, or none. */
  names: readonly string[]
  /** Theirs, as `joined` has them. */
  gradient: Value
}

/** A parameter of so many values is work enough for a device's threads. */
const LARGE = 2 ** 16

/**
 * Each gradient is a group of its own or, where the provider's forms say so, the small ones make one together: of a
 * network's parameters most are a channel's worth of values, and a device takes as long to begin with one as with all.
 */
export function gradientGroups(graph: Graph, gradients: ReadonlyMap<string, Value>): GradientGroup[] {
  const isSmall = (name: string) => {
    return (
      graph.forms.smallUpdates === 'together' &&
      isClipped(name) &&
      elementCount(gradients.get(name)!.shape) < LARGE
    )
  }
  const names = [...gradients.keys()]
  // Last first, as the norm's: in this order the runtime ends a layer's backward pass before it begins the next.
  const small = names.filter(isSmall).reverse()
  const groups = names.filter((name) => !isSmall(name)).map((name) => [name])
  if (small.length > 0) groups.push(small)
  return groups.map((group) => ({
    names: group,
    gradient: joined(
      graph,
      group.map((name) => gradients.get(name)!),
    ),
  }))
}

/**
 * Tensors end to end, in one axis. A single one stays as it is, for the runtime copies what it reshapes of the state;
 * but not one whose last axis is 1, which it multiplies by a scalar element by element, fifty times slower.
 */
export function joined(graph: Graph, values: readonly Value[]): Value {
  if (values.length === 1 && values[0]!.shape.at(-1) !== 1) return values[0]!
  const flat = values.map((value) => graph.reshape(value, [elementCount(value.shape)]))
  const length = flat.reduce((sum, { shape }) => sum + shape[0]!, 0)
  return flat.length === 1 ? flat[0]! : graph.node('Concat', flat, [length], { axis: 0 })
}

/** What was joined, in these shapes. */
export function parted(graph: Graph, vector: Value, shapes: readonly (readonly number[])[]): Value[] {
  if (shapes.length === 1) {
    return [vector.shape.length === shapes[0]!.length ? vector : graph.reshape(vector, shapes[0]!)]
  }
  let end = 0
  return shapes.map((shape) => {
    const start = end
    end += elementCount(shape)
    const places = [start, end, 0].map((place) => graph.integers([place]))
    return graph.reshape(graph.node('Slice', [vector, ...places], [end - start]), shape)
  })
}
