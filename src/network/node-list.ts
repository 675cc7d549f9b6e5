import type { Initial, Node, NodeOf, Op, OperationAttributes, ParameterSpec } from './node.js'

/** PyTorch's defaults. */
const BATCH_NORM = { epsilon: 1e-5, momentum: 0.1 }
const PRELU_SLOPE = 0.25

type OpWithParameters = 'conv2d' | 'batchNorm' | 'prelu' | 'linear' | 'parameter' | 'standardize'

/**
 * A list of nodes under construction. Each method appends one node, named as its PyTorch module is, and returns that
 * name for the next one's input.
 */
export class NodeList {
  readonly nodes: Node[] = []

  conv2d(
    name: string,
    input: string,
    shape: { in: number; out: number } & OperationAttributes['conv2d'],
    initial: Initial,
  ): string {
    const { in: channels, out, kernel, stride, padding, groups } = shape
    const weight: ParameterSpec = {
      name: `${name}.weight`,
      shape: [out, channels / groups, kernel, kernel],
      role: 'trained',
      initial,
    }
    return this.#append({
      name,
      op: 'conv2d',
      inputs: [input],
      attributes: { kernel, stride, padding, groups },
      parameters: [weight],
    })
  }

  /** A frozen weight stays at 1. */
  batchNorm(
    name: string,
    input: string,
    channels: number,
    { weight = 'trained' }: { weight?: 'trained' | 'frozen' } = {},
  ): string {
    const spec = (suffix: string, role: ParameterSpec['role'], constant: number): ParameterSpec => ({
      name: `${name}.${suffix}`,
      shape: suffix === 'num_batches_tracked' ? [] : [channels],
      role,
      initial: { constant },
    })
    return this.#append({
      name,
      op: 'batchNorm',
      inputs: [input],
      attributes: BATCH_NORM,
      parameters: [
        spec('weight', weight, 1),
        spec('bias', 'trained', 0),
        spec('running_mean', 'statistic', 0),
        spec('running_var', 'statistic', 1),
        spec('num_batches_tracked', 'statistic', 0),
      ],
    })
  }

  prelu(name: string, input: string, channels: number): string {
    const weight: ParameterSpec = {
      name: `${name}.weight`,
      shape: [channels],
      role: 'trained',
      initial: { constant: PRELU_SLOPE },
    }
    return this.#append({ name, op: 'prelu', inputs: [input], attributes: {}, parameters: [weight] })
  }

  /** With a bias where it is told how that starts. */
  linear(
    name: string,
    input: string,
    size: { in: number; out: number },
    initial: { weight: Initial; bias?: Initial },
  ): string {
    const spec = (suffix: string, shape: readonly number[], start: Initial): ParameterSpec => ({
      name: `${name}.${suffix}`,
      shape,
      role: 'trained',
      initial: start,
    })
    const parameters = [spec('weight', [size.out, size.in], initial.weight)]
    if (initial.bias !== undefined) parameters.push(spec('bias', [size.out], initial.bias))
    const attributes = { bias: initial.bias !== undefined }
    return this.#append({ name, op: 'linear', inputs: [input], attributes, parameters })
  }

  /** A trained tensor with a row for each class, as a value of its own. */
  classParameter(name: string, shape: readonly number[], deviation: number): string {
    const parameter: ParameterSpec = {
      name,
      shape,
      role: 'trained',
      initial: { deviation },
      perClass: true,
    }
    return this.#append({ name, op: 'parameter', inputs: [], attributes: {}, parameters: [parameter] })
  }

  /** Statistics [1] under the names given, with their values before training. */
  standardize(
    name: string,
    input: string,
    {
      mean,
      deviation,
      ...attributes
    }: OperationAttributes['standardize'] & Record<'mean' | 'deviation', { name: string; initial: number }>,
  ): string {
    const parameters = [mean, deviation].map(({ name, initial }): ParameterSpec => {
      return { name, shape: [1], role: 'statistic', initial: { constant: initial } }
    })
    return this.#append({ name, op: 'standardize', inputs: [input], attributes, parameters })
  }

  /** A node without parameters. */
  operation<O extends Exclude<Op, OpWithParameters>>(
    op: O,
    name: string,
    inputs: readonly string[],
    attributes: OperationAttributes[O],
  ): string {
    const node: NodeOf<O> = { name, op, inputs, attributes, parameters: [] }
    return this.#append(node as Node)
  }

  #append(node: Node): string {
    this.nodes.push(node)
    return node.name
  }
}
