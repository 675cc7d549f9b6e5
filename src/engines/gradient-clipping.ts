import type { Operators } from './operators.js'

/** Upstream's `clip_grad_norm_` on the backbone; the head is not clipped. */
const NORM_LIMIT = 5

/** Added to the norm before it divides, as PyTorch's `clip_grad_norm_`. */
const NORM_EPSILON = 1e-6

/** Whether a trained tensor of the state is in the norm and clipped by it. */
export function isClipped(name: string): boolean {
  return name.startsWith('backbone.')
}

/** What gradients of this norm are multiplied by, so that their norm is at most the limit. */
export function clippingFactor<Value>(graph: Operators<Value>, norm: Value): Value {
  return graph.minimum(graph.divide(NORM_LIMIT, graph.add(norm, NORM_EPSILON)), 1)
}
