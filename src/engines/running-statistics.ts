import type { NodeOf } from '../network/index.js'
import { type Lowering, parameterOf } from './kernel.js'
import type { Operators } from './operators.js'

/**
 * The statistics of a BatchNorm after a batch, [C]. PyTorch normalises with the biased variance and keeps the unbiased
 * one, which is `unbiased` times the variance that is given.
 */
export function runningStatistics<Value>(
  lowering: Lowering<Operators<Value>, Value>,
  node: NodeOf<'batchNorm'>,
  { mean, variance, unbiased = 1 }: { mean: Value; variance: Value; unbiased?: number },
): ReadonlyMap<string, Value> {
  const { graph } = lowering
  const { momentum } = node.attributes
  const running = (suffix: string) => parameterOf(lowering, node, suffix)
  const blend = (old: Value, current: Value, weight: number) =>
    graph.add(graph.multiply(old, 1 - momentum), graph.multiply(current, weight))
  return new Map([
    [`${node.name}.running_mean`, blend(running('running_mean'), mean, momentum)],
    [`${node.name}.running_var`, blend(running('running_var'), variance, momentum * unbiased)],
    [`${node.name}.num_batches_tracked`, graph.add(running('num_batches_tracked'), 1)],
  ])
}
