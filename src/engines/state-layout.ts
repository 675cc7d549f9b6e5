import {
  type Backbone,
  type MarginHead,
  marginHeadNodes,
  type Node,
  OPTIMIZER_SLOTS,
  type OptimizerOptions,
  type ParameterSpec,
  parametersOf,
} from '../network/index.js'
import { GROWTH_TRACKER, INITIAL_LOSS_SCALE, LOSS_SCALE, SKIPPED_UPDATES } from './loss-scaling.js'

/** A tensor of the training state: its name there, its shape and how it starts. */
export interface StateEntry {
  /** Name in the state, such as `backbone.layers.0.layers.0.weight`. */
  name: string
  /** The parameter that it is; for what is kept for one, the same shape, zeros at the start. */
  parameter: ParameterSpec
  /** `slot` is what the optimizer keeps for a trained parameter; `count` is a scalar that no graph reads. */
  kind: 'parameter' | 'slot' | 'count'
}

/** The parts of a network that has a state: their names are the first word of the state's names. */
export interface NetworkParts {
  backbone: readonly Node[]
  head: readonly Node[]
}

/** What decides which tensors there are. */
export interface StateOptions {
  backbone: Backbone
  head: MarginHead
  classes: number
  optimizer: OptimizerOptions
  /** Steps whose gradients are added up before an update; 1 without it. */
  gradientAccumulation?: number
  /** Mixed precision, which scales the loss. */
  float16?: boolean
}

/** The slot of gradients that wait for the update; only where several steps make one. */
export const ACCUMULATED_GRADIENT = 'accumulated_gradient'

/** Updates done, for AdamW's bias corrections. */
export const UPDATE_COUNT = 'optimizer.step'

/** Steps whose gradients are in the accumulated ones. */
export const ACCUMULATED_COUNT = 'optimizer.accumulated_steps'

export function networkParts(backbone: Backbone, head: MarginHead, classes: number): NetworkParts {
  return {
    backbone: backbone.nodes,
    head: marginHeadNodes(head, { classes, embedding: backbone.embeddingSize }),
  }
}

/** What one part of the network has in the state, by its names there. */
export function ofPart<Value>(
  part: keyof NetworkParts,
  state: ReadonlyMap<string, Value>,
): ReadonlyMap<string, Value> {
  const prefix = `${part}.`
  const own = [...state].filter(([name]) => name.startsWith(prefix))
  return new Map(own.map(([name, value]) => [name.slice(prefix.length), value]))
}

/** The values of both parts by their names in the state. */
export function inState<Value>(
  parts: Readonly<Record<keyof NetworkParts, ReadonlyMap<string, Value>>>,
): Map<string, Value> {
  const named = (['backbone', 'head'] as const).flatMap((part) => {
    return [...parts[part]].map(([name, value]) => [`${part}.${name}`, value] as const)
  })
  return new Map(named)
}

/** Name in the state of what the optimizer keeps for a parameter, such as `optimizer.head.weight.exp_avg`. */
export function slotName(parameter: string, slot: string): string {
  return `optimizer.${parameter}.${slot}`
}

/** Every tensor of the training state in a fixed order: both parts, then what the optimizer keeps. */
export function stateLayout({
  backbone,
  head,
  classes,
  optimizer,
  gradientAccumulation = 1,
  float16 = false,
}: StateOptions): StateEntry[] {
  const parts = networkParts(backbone, head, classes)
  const parameters = (['backbone', 'head'] as const).flatMap((part) =>
    parametersOf(parts[part]).map(
      (parameter): StateEntry => ({
        name: `${part}.${parameter.name}`,
        parameter,
        kind: 'parameter',
      }),
    ),
  )
  const accumulates = gradientAccumulation > 1
  const kept = [...OPTIMIZER_SLOTS[optimizer.name], ...(accumulates ? [ACCUMULATED_GRADIENT] : [])]
  const slots = trainedEntries(parameters).flatMap(({ name, parameter }) =>
    kept.map((slot): StateEntry => {
      const zeros = { ...parameter, initial: { constant: 0 } }
      return { name: slotName(name, slot), parameter: zeros, kind: 'slot' }
    }),
  )
  const counts = [
    ...(optimizer.name === 'adamw' ? [UPDATE_COUNT] : []),
    ...(accumulates ? [ACCUMULATED_COUNT] : []),
    ...(float16 ? [GROWTH_TRACKER, SKIPPED_UPDATES] : []),
  ].map((name) => countEntry(name))
  const scale = float16 ? [countEntry(LOSS_SCALE, INITIAL_LOSS_SCALE)] : []
  return [...parameters, ...slots, ...counts, ...scale]
}

/** The parameters that move with the gradient. */
export function trainedEntries(layout: readonly StateEntry[]): StateEntry[] {
  return layout.filter(({ kind, parameter }) => kind === 'parameter' && parameter.role === 'trained')
}

/** Whether an update moves the tensor: trained parameters and what is kept for them. Statistics move in every step. */
export function movesWithUpdate({ kind, parameter }: StateEntry): boolean {
  return kind === 'slot' || (kind === 'parameter' && parameter.role === 'trained')
}

function countEntry(name: string, constant = 0): StateEntry {
  const parameter: ParameterSpec = { name, shape: [], role: 'statistic', initial: { constant } }
  return { name, parameter, kind: 'count' }
}

/** Names of what a session with `sampledCentres` keeps of every class, of which a step works with some rows. */
export function tableNames(options: StateOptions & { sampledCentres?: number }): string[] {
  if (options.sampledCentres === undefined) return []
  return stateLayout(options)
    .filter(({ parameter }) => parameter.perClass)
    .map(({ name }) => name)
}
