import type { Node, NodeOf, OperationAttributes, ParameterSpec } from './node.js'

/** PyTorch's defaults. */
const BATCH_NORM = { epsilon: 1e-5, momentum: 0.1 }
const PRELU_SLOPE = 0.25

/**
 * A list of nodes under construction. Each method appends one node, named as its PyTorch module is, and returns that
 * name for the next one's input.
 */
export class NodeList {
  readonly nodes: Node[] = []

  /** Weights as upstream initialises them: Kaiming normal over the fan out, for ReLU. */
  conv2d(
    name: string,
    input: string,
    shape: { in: number; out: number } & OperationAttributes['conv2d'],
  ): string {
    const { in: channels, out, kernel, stride, padding, groups } = shape
    const weight: ParameterSpec = {
      name: `${name}.weight`,
      shape: [out, channels / groups, kernel, kernel],
      role: 'trained',
      initial: { deviation: Math.sqrt(2 / (out * kernel * kernel)) },
    }
    return this.#append({
      name,
      op: 'conv2d',
      inputs: [input],
      attributes: { kernel, stride, padding, groups },
      parameters: [weight],
    })
  }

  batchNorm(name: string, input: string, channels: number): string {
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
        spec('weight', 'trained', 1),
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

  linear(name: string, input: string, size: { in: number; out: number }): string {
    const weight: ParameterSpec = {
      name: `${name}.weight`,
      shape: [size.out, size.in],
      role: 'trained',
      initial: { deviation: Math.sqrt(2 / size.out) },
    }
    return this.#append({ name, op: 'linear', inputs: [input], attributes: {}, parameters: [weight] })
  }

  /** A trained tensor with a row for each class, as a value of its own. */
  classParameter(name: string, shape: readonly number[], deviation: number): string {
    const parameter: ParameterSpec = {
      ...{ name, shape, role: 'trained', initial: { deviation } },
      perClass: true,
    }
    return this.#append({ name, op: 'parameter', inputs: [], attributes: {}, parameters: [parameter] })
  }

  /** A node without parameters. */
  operation<O extends Exclude<Node['op'], 'conv2d' | 'batchNorm' | 'prelu' | 'linear' | 'parameter'>>(
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
