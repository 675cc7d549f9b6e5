import { OPTIMIZER_SLOTS } from '../../network/index.js'
import { clippingFactor, isClipped } from '../gradient-clipping.js'
import { type LossGradients, lossGradients } from '../loss-gradients.js'
import { mapped } from '../node-walk.js'
import { FREE } from '../operators.js'
import { optimizerScalars } from '../optimizer-scalars.js'
import {
  ACCUMULATED_GRADIENT,
  networkParts,
  ofPart,
  type StateEntry,
  slotName,
  stateLayout,
  trainedEntries,
} from '../state-layout.js'
import type { TrainingOptions } from '../training-session.js'
import { afterChoice, areFinite, onlyIf } from './choice.js'
import { float16Nodes } from './float16-nodes.js'
import { gradientNorm } from './gradient-norm.js'
import { Graph, type ImageLayout, nodeOf, type Value } from './graph.js'
import { normalizedImages } from './images.js'
import { lower } from './lowering.js'
import { moveVariables } from './moved-variables.js'
import type { SavedModelContent } from './saved-model/index.js'
import { Variables } from './variables.js'

export interface TrainingModelOptions
  extends Pick<
    TrainingOptions,
    | 'backbone'
    | 'head'
    | 'optimizer'
    | 'gradientAccumulation'
    | 'float16'
    | 'batchSize'
    | 'classes'
    | 'sampledCentres'
  > {
  layout: ImageLayout
  /** Adds the signature `gradients` with those before clipping, in PyTorch's layout, for tests. */
  gradients?: boolean
}

/** What the signatures of a model are made from. */
interface Parts {
  graph: Graph
  options: TrainingModelOptions
  layout: readonly StateEntry[]
  variables: Variables
  /** Inputs of a step. */
  batch: { images: Value; labels: Value; centres?: Value; loss_scale?: Value }
}

/**
 * A training run as one graph with its state in resource variables. Signatures:
 * `load`, `state` (`variables.ts`); `embed`: `images` uint8 [N, 3, H, W] to `embeddings` float32 [N, size];
 * `step`: `images` uint8 [B, 3, H, W], `labels` int32 [B], the optimizer's scalars, to `loss` and `gradient_norm`.
 * Where several steps make an update, `accumulate` and `update` instead: the first is a step without the scalars, the
 * second takes them and `gradient_norm`; `clear` takes the place of an update that is left out. In mixed precision a
 * step also has the input `loss_scale` and the output `head_gradient_norm`. With `sampledCentres` the labels are positions among `centres` int32, the
 * rows of the class centres that the step gathers and scatters.
 */
export function trainingModel(options: TrainingModelOptions): SavedModelContent {
  const { backbone, head, batchSize, classes, sampledCentres, gradientAccumulation = 1 } = options
  const graph = new Graph(options.layout)
  const parts = networkParts(backbone, head, classes)
  const layout = stateLayout(options).filter(({ kind }) => kind !== 'count')
  const { height, width } = backbone.inputSize
  const batch = {
    images: graph.input('images', 'uint8', [batchSize, 3, height, width]),
    labels: graph.input('labels', 'int32', [batchSize]),
    ...(sampledCentres !== undefined && { centres: graph.input('centres', 'int32', [sampledCentres]) }),
    ...(options.float16 && { loss_scale: graph.input('loss_scale', 'float32', []) }),
  }
  const variables = new Variables(graph, parts, layout, batch.centres)
  variables.addLoad()
  variables.addState()
  const all = { graph, options, layout, variables, batch }
  addEmbed(all)
  if (gradientAccumulation === 1) addStep(all)
  else {
    addAccumulate(all)
    addUpdate(all)
  }
  return graph.toModel()
}

function addEmbed({ graph, options: { backbone }, layout, variables }: Parts): void {
  const { height, width } = backbone.inputSize
  const images = graph.input('embed/images', 'uint8', [FREE, 3, height, width])
  const parameters = ofPart('backbone', valuesOf(layout, variables))
  const lowering = { graph, training: false, parameters }
  const { output } = lower(lowering, backbone.nodes, { images: normalizedImages(graph, images) })
  graph.signature('embed', { images }, { embeddings: output })
}

function addStep(parts: Parts): void {
  const { graph, options, variables, batch } = parts
  const { loss, gradients, statistics } = passes(parts)
  const norms = gradientNorms(parts, gradients)
  const scalars = scalarInputs(parts)
  const blended = assigned(variables, statistics)
  const moved = guardedUpdates(parts, gradients, norms, scalars)
  const outputs = { ...norms.outputs, loss: graph.afterAll(loss, [...blended, ...moved]) }
  graph.signature('step', { ...batch, ...scalars }, outputs)
  if (options.gradients) {
    const values = [...gradients].map(([name, value]) => [name, variables.fromDevice(name, value)] as const)
    graph.signature('gradients', batch, { loss, ...Object.fromEntries(values) })
  }
}

/** In mixed precision an update with a gradient that is no finite number is left out. */
function guardedUpdates(
  parts: Parts,
  gradients: ReadonlyMap<string, Value>,
  norms: Norms,
  scalars: Record<string, Value>,
): string[] {
  const { graph, options } = parts
  if (!options.float16) return updates(parts, gradients, norms.clipped, scalars)
  const finite = areFinite(graph, Object.values(norms.outputs))
  const guarded = [...gradients].map(([name, value]) => [name, onlyIf(graph, finite, value)] as const)
  const moved = updates(parts, new Map(guarded), norms.clipped, scalars)
  return [nodeOf(afterChoice(graph, finite, moved))]
}

function addAccumulate(parts: Parts): void {
  const { graph, variables, batch } = parts
  const { loss, gradients, statistics } = passes(parts)
  const sums = new Map<string, Value>()
  const kept: string[] = []
  for (const [name, gradient] of gradients) {
    const accumulated = variables.ofStep(slotName(name, ACCUMULATED_GRADIENT))
    const sum = graph.add(accumulated.value, gradient)
    sums.set(name, sum)
    kept.push(accumulated.assign(sum))
  }
  graph.signature('accumulate', batch, {
    ...gradientNorms(parts, sums).outputs,
    loss: graph.afterAll(loss, [...kept, ...assigned(variables, statistics)]),
  })
}

/** The update of what is accumulated, which becomes zeros; or that alone, where the update is left out. */
function addUpdate(parts: Parts): void {
  const { graph, layout, variables, batch } = parts
  const norm = graph.input('gradient_norm', 'float32', [])
  const accumulated = trainedEntries(layout).map(
    ({ name }) => [name, variables.ofStep(slotName(name, ACCUMULATED_GRADIENT))] as const,
  )
  const clear = (after: readonly string[]): Value => {
    const zeros = accumulated.map(([, { value, assign }]) =>
      assign(graph.afterAll(graph.operator('ZerosLike', [value], value.shape), after)),
    )
    return graph.done(zeros)
  }
  const gradients = new Map(accumulated.map(([name, { value }]) => [name, value]))
  const scalars = scalarInputs(parts)
  const moved = updates(parts, gradients, norm, scalars)
  const centres = batch.centres === undefined ? {} : { centres: batch.centres }
  graph.signature('update', { ...centres, gradient_norm: norm, ...scalars }, { done: clear(moved) })
  graph.signature('clear', centres, { done: clear([]) })
}

function passes({ graph, options, layout, variables, batch }: Parts): LossGradients<Value> {
  const { backbone, head, classes, float16 } = options
  const { labels, loss_scale: lossScale } = batch
  const parts = networkParts(backbone, head, classes)
  const state = valuesOf(layout, variables)
  const network = { graph, parts, state, float16: float16 ? float16Nodes(backbone) : undefined }
  const images = normalizedImages(graph, batch.images)
  const found = lossGradients(lower, network, { images, labels, lossScale })
  if (lossScale === undefined) return found
  const inverse = graph.divide(1, lossScale)
  return { ...found, gradients: mapped(found.gradients, (gradient) => graph.multiply(gradient, inverse)) }
}

/** The nodes that give tensors of the state these values. */
function assigned(variables: Variables, values: ReadonlyMap<string, Value>): string[] {
  return [...values].map(([name, value]) => variables.ofStep(name).assign(value))
}

function valuesOf(layout: readonly StateEntry[], variables: Variables): Map<string, Value> {
  const parameters = layout.filter(({ kind }) => kind === 'parameter')
  return new Map(parameters.map(({ name }) => [name, variables.ofStep(name).value]))
}

interface Norms {
  /** The norm that is clipped by: the head's gradient is not in it. */
  clipped: Value
  /** What is reported: also the head's, where losses are scaled. */
  outputs: Record<string, Value>
}

function gradientNorms({ graph, options }: Parts, gradients: ReadonlyMap<string, Value>): Norms {
  const normOf = (isWanted: (name: string) => boolean) => {
    const wanted = [...gradients].filter(([name]) => isWanted(name))
    return gradientNorm(
      graph,
      wanted.map(([, gradient]) => gradient),
    )
  }
  const clipped = normOf(isClipped)
  const head = options.float16 ? { head_gradient_norm: normOf((name) => !isClipped(name)) } : {}
  return { clipped, outputs: { gradient_norm: clipped, ...head } }
}

function scalarInputs({ graph, options: { optimizer } }: Parts): Record<string, Value> {
  const names = Object.keys(optimizerScalars(optimizer, 0, 1))
  return Object.fromEntries(names.map((name) => [name, graph.input(name, 'float32', [])]))
}

/** Clips the gradients and moves what is trained; the nodes that do. */
function updates(
  { graph, options: { optimizer }, variables }: Parts,
  gradients: ReadonlyMap<string, Value>,
  norm: Value,
  scalars: Record<string, Value>,
): string[] {
  const factor = clippingFactor<Value>(graph, norm)
  return [...gradients].flatMap(([name, gradient]) =>
    moveVariables(graph, optimizer, {
      parameter: variables.ofStep(name),
      gradient: isClipped(name) ? graph.multiply(gradient, factor) : gradient,
      slots: OPTIMIZER_SLOTS[optimizer.name].map((slot) => variables.ofStep(slotName(name, slot))),
      scalars,
    }),
  )
}
