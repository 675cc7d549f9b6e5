/** A learned tensor or a running statistic: name, shape and layout as in PyTorch's `state_dict`. */
export interface ParameterSpec {
  /** Full name, such as `layers.0.layers.0.weight`. */
  name: string
  shape: readonly number[]
  /**
   * `trained` moves with the gradient; `frozen` keeps its value: no gradient, decay or momentum, and no part in the
   * norm that is clipped; `statistic` is updated by the forward pass of a training step.
   */
  role: 'trained' | 'frozen' | 'statistic'
  initial: Initial
  /** One row for each class: a step of PartialFC works with some of them. */
  perClass?: boolean
}

/** Values before training: a constant, normal deviates around 0, or evenly spread from -bound to bound. */
export type Initial = { constant: number } | { deviation: number } | { bound: number }

/** Attributes of every operation that a network may use. An engine has one kernel for each key. */
export interface OperationAttributes {
  /** Cross-correlation, no bias. [N, in, H, W] to [N, out, H', W']. */
  conv2d: { kernel: number; stride: number; padding: number; groups: number }
  /** Over every axis but the channels; statistics of the batch in training, running ones else. [N, C] or [N, C, H, W]. */
  batchNorm: { epsilon: number; momentum: number }
  /** One slope for each channel. */
  prelu: Record<never, never>
  add: Record<never, never>
  /** [N, C, H, W] to [N, C*H*W]. */
  flatten: Record<never, never>
  /** x times weight transposed, plus a bias where there is one. [N, in] to [N, out]. */
  linear: { bias: boolean }
  /** The node's one parameter as a value. */
  parameter: Record<never, never>
  /** Rows scaled to length 1; below 1e-12 divided by 1e-12, as PyTorch's `normalize`. */
  l2Normalize: Record<never, never>
  /** Length of every row, [N, D] to [N, 1]. */
  l2Norm: Record<never, never>
  /** The value without a gradient. */
  detach: Record<never, never>
  /**
   * (x - mean) / (deviation + epsilon) of [N, 1], with the node's statistics after this batch was blended in with the
   * weight `momentum`; the deviation is the unbiased one. The gradient takes them for constants. Parameters: mean and
   * deviation, [1].
   */
  standardize: { momentum: number; epsilon: number }
  /** First input times the second transposed. [N, D], [C, D] to [N, C]. */
  matmul: Record<never, never>
  /** Limits every element; no gradient passes where it was outside. */
  clip: { minimum: number; maximum: number }
  /** Inputs cosines [N, C] and labels [N]: 0 where another class than the label's is above the threshold. */
  filterOthers: { threshold: number }
  /** Inputs [N, C] and labels [N]: the label's column, [N, 1]. */
  selectLabel: Record<never, never>
  /** Inputs [N, C], [N, 1] and labels [N]: the label's column replaced. */
  replaceLabel: Record<never, never>
  acos: Record<never, never>
  cos: Record<never, never>
  /** x times factor plus offset, both numbers. */
  scale: { factor: number; offset: number }
  /** Inputs condition, then, else of one shape: `then` where the condition is above the threshold. */
  selectAbove: { threshold: number }
  /** Inputs value and argument: the value forward; the gradient goes to the argument unchanged. */
  straightThrough: Record<never, never>
  /** Inputs logits [N, C] and labels [N]: mean of -log(max(softmax, 1e-30)), a scalar. */
  softmaxCrossEntropy: Record<never, never>
}

export type Op = keyof OperationAttributes

/** One operation of a network. `inputs` are names of earlier nodes or of the network's own inputs. */
export interface NodeOf<O extends Op> {
  name: string
  op: O
  inputs: readonly string[]
  attributes: OperationAttributes[O]
  parameters: readonly ParameterSpec[]
}

export type Node = { [O in Op]: NodeOf<O> }[Op]

/** Height or width of a convolution's output by that of its input. */
export function convolvedSize(
  size: number,
  { attributes: { kernel, stride, padding } }: NodeOf<'conv2d'>,
): number {
  return Math.floor((size + 2 * padding - kernel) / stride) + 1
}

/** A network that turns images into embeddings: nodes in topological order, the last one the embedding [N, size]. */
export interface Backbone {
  /** As in the `network` key of a config. */
  name: string
  /** Pixels. The network's input `images` is [N, 3, height, width], normalised RGB. */
  inputSize: { height: number; width: number }
  embeddingSize: number
  nodes: readonly Node[]
  /**
   * Name of the node with which the embedding's tail begins: where images are turned into numbers that are compared, mixed
   * precision stays in float32, as upstream's does.
   */
  tail: string
}
