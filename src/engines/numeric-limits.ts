/** PyTorch's `normalize` divides by no shorter length. */
export const SMALLEST_LENGTH = 1e-12

/** Stands for a length of 0 in a divisor, so that the gradient of the norm at the zero vector is 0, as PyTorch's. */
export const SMALLEST_DIVISOR = 1e-30

/** 1 - x^2 of the float32 next to 1: the derivative of acos at 1 itself, infinite, is taken there. */
export const SMALLEST_SQUARED_SINE = 2 ** -23

/** Upstream takes the logarithm of no less. */
export const SMALLEST_PROBABILITY = 1e-30
