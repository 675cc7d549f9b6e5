/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101) as PyTorch's `torch.optim.AdamW` with its
 * own betas 0.9 and 0.999 and epsilon 1e-8, which upstream leaves as they are; no AMSGrad.
 */
export interface AdamwOptions {
  name: 'adamw'
  /** Of every trained parameter, BatchNorm and PReLU included, as upstream. */
  weightDecay: number
}

/** Shares of the old in the running means of the gradient and of its square. */
export const ADAMW_BETAS = [0.9, 0.999] as const

export const ADAMW_EPSILON = 1e-8
