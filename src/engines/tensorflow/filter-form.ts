import type { Node, ParameterSpec } from '../../network/index.js'
import type { Graph, Value } from './graph.js'

/**
 * How a convolution's weights lie on the device: PyTorch's [out, in / groups, k, k] become [k, k, in, out / groups],
 * TensorFlow's filter of a dense convolution (one group) and of a depthwise one. What the optimizer keeps for them
 * lies the same way.
 */
export interface FilterForm {
  groups: number
  /** Input and output channels of a group. */
  inside: number
  outside: number
  kernel: number
}

/** Forms of the parameters that have one, by name; every other lies as in PyTorch. */
export function filterForms(nodes: readonly Node[]): ReadonlyMap<string, FilterForm> {
  const forms = new Map<string, FilterForm>()
  for (const node of nodes) {
    if (node.op !== 'conv2d') continue
    for (const parameter of node.parameters) {
      forms.set(parameter.name, filterForm(parameter, node.attributes.groups))
    }
  }
  return forms
}

function filterForm({ shape }: ParameterSpec, groups: number): FilterForm {
  const [out, inside, kernel] = shape as [number, number, number]
  return { groups, inside, outside: out / groups, kernel }
}

/** Shape on the device. */
export function deviceShape({ groups, inside, outside, kernel }: FilterForm): number[] {
  return [kernel, kernel, groups * inside, outside]
}

/** From PyTorch's layout to the device's. */
export function toDevice(graph: Graph, value: Value, form: FilterForm): Value {
  const { groups, inside, outside, kernel } = form
  const grouped = graph.reshape(value, [groups, outside, inside, kernel, kernel])
  return graph.reshape(graph.transpose(grouped, [3, 4, 0, 2, 1]), deviceShape(form))
}

/** And back. */
export function fromDevice(graph: Graph, value: Value, form: FilterForm): Value {
  const { groups, inside, outside, kernel } = form
  const grouped = graph.reshape(value, [kernel, kernel, groups, inside, outside])
  const turned = graph.transpose(grouped, [2, 4, 3, 0, 1])
  return graph.reshape(turned, [groups * outside, inside, kernel, kernel])
}
