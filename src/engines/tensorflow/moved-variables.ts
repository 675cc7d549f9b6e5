import type { OptimizerOptions, SgdOptions } from '../../network/index.js'
import { optimizerOf } from '../optimizers/index.js'
import type { Update } from '../optimizers/optimizer.js'
import { decayedGradient } from '../optimizers/sgd.js'
import type { Graph, Value } from './graph.js'
import type { StateVariable } from './variables.js'

/** A trained parameter and what the optimizer keeps for it, as variables. */
export interface TrainedVariable extends Pick<Update<Value>, 'gradient' | 'scalars'> {
  parameter: StateVariable
  slots: readonly StateVariable[]
}

/** Gives the variables their values after the update; the nodes that do. */
export function moveVariables(graph: Graph, options: OptimizerOptions, trained: TrainedVariable): string[] {
  const { parameter, slots } = trained
  const update = { ...trained, parameter: parameter.value, slots: slots.map(({ value }) => value) }
  if (options.name === 'sgd' && parameter.handle !== undefined) {
    return [applyMomentum(graph, options, [parameter, ...slots], update)]
  }
  const next = optimizerOf(options).update<Value>(graph, options, update)
  return [...slots.map((slot, index) => slot.assign(next.slots[index]!)), parameter.assign(next.parameter)]
}

/**
 * SGD on whole variables in one operator. ResourceApplyMomentum keeps sums of gradients, as PyTorch does; the one that
 * Keras uses keeps the rate in them, which differs where the rate changes.
 */
function applyMomentum(
  graph: Graph,
  options: SgdOptions,
  variables: readonly StateVariable[],
  update: Update<Value>,
): string {
  const handles = variables.map(({ handle }) => handle!)
  const gradient = decayedGradient(graph, options, update)
  const inputs = [...handles, update.scalars['learning_rate']!, gradient, graph.constant(options.momentum)]
  return graph.effect('ResourceApplyMomentum', inputs, { T: { type: 'float32' } })
}
