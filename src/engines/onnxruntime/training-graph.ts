import { elementCount, OPTIMIZER_SLOTS } from '../../network/index.js'
import type { OnnxModel } from '../../onnx/index.js'
import type { RuntimeProvider } from '../embedder.js'
import { clippingFactor, isClipped } from '../gradient-clipping.js'
import { type LossGradients, lossGradients } from '../loss-gradients.js'
import { mapped } from '../node-walk.js'
import { optimizerScalars } from '../optimizer-scalars.js'
import { optimizerOf } from '../optimizers/index.js'
import { normalizedPixels } from '../pixels.js'
import {
  ACCUMULATED_GRADIENT,
  networkParts,
  type StateEntry,
  type StateOptions,
  slotName,
  stateLayout,
  trainedEntries,
} from '../state-layout.js'
import { float16Nodes } from './float16-nodes.js'
import { FORMS } from './forms.js'
import { type GradientGroup, gradientGroups, joined, parted } from './gradient-groups.js'
import { gradientNorm } from './gradient-norm.js'
import { Graph, type Value } from './graph.js'
import { lower } from './lowering.js'
import { SampledRows } from './sampled-rows.js'

export interface TrainingGraphOptions extends StateOptions {
  batchSize: number
  /** Class centres that a step works with. */
  classes: number
  /**
   * PartialFC on a device: identities in all, of which the tensors hold every one. Then two inputs name the centres
   * of the step (`sampled-rows.ts`).
   */
  classesOnDevice?: number | undefined
  /** Channels of a block of the blocked lowering; the portable one without it. */
  block?: number | undefined
  /** Whose forms the portable lowering takes; the processor's without it. */
  provider?: RuntimeProvider
  /**
   * Mixed precision: convolutions in float16, the loss scaled by the input `loss_scale`. The portable lowering alone.
   */
  float16?: boolean
  /** Adds the gradients before clipping as outputs `gradient.*`, for tests. */
  gradients?: boolean
}

/** The output that becomes a state tensor's next value. */
export function nextName(name: string): string {
  return `next.${name}`
}

/**
 * One training step as one ONNX graph: forward, loss, backward, clipping, optimizer.
 * Inputs: `images` uint8 [B, 3, H, W], `labels` int32 [B], the optimizer's scalars, and the state. Outputs: `loss`,
 * `gradient_norm`, and the state as `next.*`. In mixed precision also the input `loss_scale` and the output
 * `head_gradient_norm`.
 */
export function trainingGraph(options: TrainingGraphOptions): OnnxModel {
  const graph = newGraph(options)
  const { classes, classesOnDevice } = options
  const layout = stateLayout(options).filter(({ kind }) => kind !== 'count')
  const rows = classesOnDevice === undefined ? undefined : new SampledRows(graph, classes)
  const state = new Map(
    layout.map(({ name, parameter: { shape, perClass } }): [string, Value] => [
      name,
      rows !== undefined && perClass
        ? rows.gather(name, [classesOnDevice!, shape[1]!])
        : graph.input(name, 'float32', shape),
    ]),
  )
  const { gradients } = addPasses(graph, options, state)
  const groups = gradientGroups(graph, gradients)
  addUpdate(graph, options, state, groups, norms(graph, options, groups), rows)
  return graph.toModel('training_step')
}

/**
 * Forward, loss and backward of one of several batches that make an update. Inputs: `images`, `labels`, parameters and
 * accumulated gradients. Outputs: `loss`, `gradient_norm` of what is accumulated, and accumulated gradients and
 * running statistics as `next.*`.
 */
export function gradientGraph(options: TrainingGraphOptions): OnnxModel {
  const graph = newGraph(options)
  const read = stateLayout(options).filter(({ name, kind }) => kind === 'parameter' || isAccumulated(name))
  const state = inputs(graph, read)
  const { gradients } = addPasses(graph, options, state)
  const sums = gradientGroups(graph, gradients).map(({ names, gradient }) => {
    const slots = names.map((name) => slotName(name, ACCUMULATED_GRADIENT))
    const accumulated = slots.map((slot) => state.get(slot)!)
    const sum = graph.add(joined(graph, accumulated), gradient)
    const shapes = accumulated.map(({ shape }) => shape)
    parted(graph, sum, shapes).forEach((part, index) => {
      graph.output(nextName(slots[index]!), part)
    })
    return { names, gradient: sum }
  })
  norms(graph, options, sums)
  return graph.toModel('training_gradients')
}

/**
 * Clipping and optimizer on accumulated gradients. Inputs: `gradient_norm`, the optimizer's scalars, trained
 * parameters and all that is kept for them. Outputs: parameters and the optimizer's slots as `next.*`.
 */
export function updateGraph(options: TrainingGraphOptions): OnnxModel {
  const graph = newGraph(options)
  const layout = stateLayout(options)
  const trained = trainedEntries(layout)
  const state = inputs(graph, [...trained, ...layout.filter(({ kind }) => kind === 'slot')])
  const gradients = trained.map(
    ({ name }) => [name, state.get(slotName(name, ACCUMULATED_GRADIENT))!] as const,
  )
  const groups = gradientGroups(graph, new Map(gradients))
  addUpdate(graph, options, state, groups, graph.input('gradient_norm', 'float32', []))
  return graph.toModel('training_update')
}

function newGraph({ block, provider = 'cpu' }: TrainingGraphOptions): Graph {
  return new Graph(block, FORMS[provider])
}

function isAccumulated(name: string): boolean {
  return name.endsWith(`.${ACCUMULATED_GRADIENT}`)
}

function inputs(graph: Graph, entries: readonly StateEntry[]): Map<string, Value> {
  return new Map(entries.map(({ name, parameter }) => [name, graph.input(name, 'float32', parameter.shape)]))
}

function addPasses(
  graph: Graph,
  { backbone, head, batchSize, classes, float16, gradients: asOutputs }: TrainingGraphOptions,
  state: ReadonlyMap<string, Value>,
): LossGradients<Value> {
  const { height, width } = backbone.inputSize
  const pixels = graph.input('images', 'uint8', [batchSize, 3, height, width])
  const labels = graph.input('labels', 'int32', [batchSize])
  const lossScale = float16 ? graph.input('loss_scale', 'float32', []) : undefined
  const images = normalizedPixels<Value>(graph, pixels)
  const parts = networkParts(backbone, head, classes)
  const network = { graph, parts, state, float16: float16 ? float16Nodes(backbone) : undefined }
  const found = lossGradients(lower, network, { images, labels, lossScale })
  const passes =
    lossScale === undefined ? found : { ...found, gradients: unscaled(graph, found.gradients, lossScale) }
  graph.output('loss', passes.loss)
  for (const [name, value] of passes.statistics) graph.output(nextName(name), value)
  if (asOutputs) {
    for (const [name, gradient] of passes.gradients) graph.output(`gradient.${name}`, gradient)
  }
  return passes
}

/** In one axis: the CPU provider multiplies [256, 256, 1, 1] by a scalar sixty times slower. */
function unscaled(graph: Graph, gradients: ReadonlyMap<string, Value>, lossScale: Value) {
  const inverse = graph.unary('Reciprocal', lossScale)
  return mapped(gradients, (gradient) => {
    const flat = graph.reshape(gradient, [elementCount(gradient.shape)])
    return graph.reshape(graph.multiply(flat, inverse), gradient.shape)
  })
}

/** The norm that is clipped by and reported: the head's gradient is not in it. That is asked for where losses are scaled. */
function norms(graph: Graph, { float16 }: TrainingGraphOptions, groups: readonly GradientGroup[]): Value {
  const normOf = (chosen: readonly GradientGroup[]) => {
    return gradientNorm(
      graph,
      chosen.map(({ gradient }) => gradient),
    )
  }
  const norm = normOf(groups.filter(areClipped))
  graph.output('gradient_norm', norm)
  if (float16) graph.output('head_gradient_norm', normOf(groups.filter((group) => !areClipped(group))))
  return norm
}

function areClipped({ names }: GradientGroup): boolean {
  return names.every(isClipped)
}

function addUpdate(
  graph: Graph,
  { optimizer }: TrainingGraphOptions,
  state: ReadonlyMap<string, Value>,
  groups: readonly GradientGroup[],
  norm: Value,
  rows?: SampledRows,
): void {
  const { update } = optimizerOf(optimizer)
  const names = Object.keys(optimizerScalars(optimizer, 0, 1))
  const values = Object.fromEntries(names.map((name) => [name, graph.input(name, 'float32', [])]))
  const factor = clippingFactor<Value>(graph, norm)
  for (const group of groups) {
    const { names: parameters, gradient } = group
    const slots = OPTIMIZER_SLOTS[optimizer.name].map((slot) => {
      return parameters.map((name) => slotName(name, slot))
    })
    const join = (entries: readonly string[]) => {
      return joined(
        graph,
        entries.map((entry) => state.get(entry)!),
      )
    }
    const next = update<Value>(graph, optimizer, {
      parameter: join(parameters),
      gradient: areClipped(group) ? graph.multiply(gradient, factor) : gradient,
      slots: slots.map(join),
      scalars: values,
    })
    const put = (entries: readonly string[], vector: Value): void => {
      const shapes = entries.map((entry) => state.get(entry)!.shape)
      parted(graph, vector, shapes).forEach((value, index) => {
        const entry = entries[index]!
        graph.output(nextName(entry), rows?.scatter(entry, value) ?? value)
      })
    }
    put(parameters, next.parameter)
    slots.forEach((entries, index) => {
      put(entries, next.slots[index]!)
    })
  }
}
