/** Upstream's `clip_grad_norm_` on the backbone; the head is not clipped. */
export const GRADIENT_NORM_LIMIT = 5

/** Added to the norm before it divides, as PyTorch's `clip_grad_norm_`. */
export const NORM_EPSILON = 1e-6

/** Whether a trained tensor of the state is in the norm and clipped by it. */
export function isClipped(name: string): boolean {
  return name.startsWith('backbone.')
}
