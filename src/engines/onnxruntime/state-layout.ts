import {
  type Backbone,
  type MarginHead,
  marginHeadNodes,
  type Node,
  type ParameterSpec,
  parametersOf,
} from '../../network/index.js'

/** A tensor of the training state and how it starts. */
export interface StateEntry {
  /** Name in the state, such as `backbone.layers.0.layers.0.weight`. */
  name: string
  /** The parameter that it is, or whose momentum it is. */
  parameter: ParameterSpec
  kind: 'parameter' | 'momentum'
}

/** The parts of a network that has a state: their names are the first word of the state's names. */
export interface NetworkParts {
  backbone: readonly Node[]
  head: readonly Node[]
}

export function networkParts(backbone: Backbone, head: MarginHead, classes: number): NetworkParts {
  return {
    backbone: backbone.nodes,
    head: marginHeadNodes(head, { classes, embedding: backbone.embeddingSize }),
  }
}

/** Every tensor of the training state in a fixed order: both parts, then the momentum of what is trained. */
export function stateLayout(parts: NetworkParts): StateEntry[] {
  const parameters = (['backbone', 'head'] as const).flatMap((part) =>
    parametersOf(parts[part]).map(
      (parameter): StateEntry => ({
        name: `${part}.${parameter.name}`,
        parameter,
        kind: 'parameter',
      }),
    ),
  )
  const momenta = parameters
    .filter(({ parameter }) => parameter.role === 'trained')
    .map(({ name, parameter }): StateEntry => ({ name: `optimizer.${name}`, parameter, kind: 'momentum' }))
  return [...parameters, ...momenta]
}
