import { Random } from '../random/random.js'
import type { Node, ParameterSpec } from './node.js'

/** Every parameter of the nodes, in their order. */
export function parametersOf(nodes: readonly Node[]): ParameterSpec[] {
  return nodes.flatMap((node) => [...node.parameters])
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

/**
 * Values of a parameter before training. Each draws from a stream of its own, named by the seed and its position in
 * the network, so that it does not depend on what was drawn for others.
 */
export function initialValues(parameter: ParameterSpec, seed: number, position: number): Float32Array {
  return fillInitialValues(new Float32Array(elementCount(parameter.shape)), parameter, seed, position)
}

/** The same into an array of that length; returns it. */
export function fillInitialValues(
  values: Float32Array,
  { initial }: ParameterSpec,
  seed: number,
  position: number,
): Float32Array {
  if ('constant' in initial) return values.fill(initial.constant)
  const random = new Random(seed, position)
  if ('deviation' in initial) random.fillNormal(values, initial.deviation)
  else for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) * initial.bound
  return values
}
