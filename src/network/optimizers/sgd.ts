/** Stochastic gradient descent as PyTorch's `torch.optim.SGD`: coupled decay, dampening 0, no Nesterov. */
export interface SgdOptions {
  name: 'sgd'
  momentum: number
  /** Of every trained parameter, BatchNorm and PReLU included, as upstream. */
  weightDecay: number
}
