import { OPTIMIZER_SLOTS } from '../../network/index.js'
import { GRADIENT_NORM_LIMIT, isClipped } from '../gradient-clipping.js'
import { optimizerScalars } from '../optimizer-scalars.js'
import {
  ACCUMULATED_GRADIENT,
  networkParts,
  type StateEntry,
  slotName,
  stateLayout,
  trainedEntries,
} from '../state-layout.js'
import type { TrainingOptions } from '../training-session.js'
import { clippingFactor, gradientNorm } from './clip-by-norm.js'
import { FREE, Graph, type ImageLayout, type Value } from './graph.js'
import { lossGradients, normalizedImages, partOf } from './loss-gradients.js'
import { lowerForward } from './lowering.js'
import { optimizerOf } from './optimizers/index.js'
import type { SavedModelContent } from './saved-model/index.js'
import { Variables } from './variables.js'

export interface TrainingModelOptions
  extends Pick<
    TrainingOptions,
    'backbone' | 'head' | 'optimizer' | 'gradientAccumulation' | 'batchSize' | 'classes' | 'sampledCentres'
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
  /** Inputs of a step: `images`, `labels` and, where it works with some of them, `centres`. */
  batch: { images: Value; labels: Value; centres?: Value }
}

/**
 * A training run as one graph with its state in resource variables. Signatures:
 * `load`, `state` (`variables.ts`); `embed`: `images` uint8 [N, 3, H, W] to `embeddings` float32 [N, size];
 * `step`: `images` uint8 [B, 3, H, W], `labels` int32 [B], the optimizer's scalars, to `loss` and `gradient_norm`.
 * Where several steps make an update, `accumulate` and `update` instead: the first is a step without the scalars, the
 * second takes them and `gradient_norm`. With `sampledCentres` the labels are positions among `centres` int32, the
 * rows of the class centres that the step gathers and scatters.
 */
export function trainingModel(options: TrainingModelOptions): SavedModelContent {
  const { backbone, head, batchSize, classes, sampledCentres, gradientAccumulation = 1 } = options
  const graph = new Graph(options.layout)
  const parts = networkParts(backbone, head, classes)
  const layout = stateLayout(parts, options).filter(({ kind }) => kind !== 'count')
  const { height, width } = backbone.inputSize
  const batch = {
    images: graph.input('images', 'uint8', [batchSize, 3, height, width]),
    labels: graph.input('labels', 'int32', [batchSize]),
    ...(sampledCentres !== undefined && { centres: graph.input('centres', 'int32', [sampledCentres]) }),
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
  const parameters = partOf(valuesOf(layout, variables), 'backbone.')
  const lowering = { graph, training: false, parameters }
  const { output } = lowerForward(lowering, backbone.nodes, { images: normalizedImages(graph, images) })
  graph.signature('embed', { images }, { embeddings: output })
}

function addStep(parts: Parts): void {
  const { graph, options, variables, batch } = parts
  const { loss, gradients, statistics } = passes(parts)
  const norm = backboneNorm(graph, gradients)
  const scalars = scalarInputs(parts)
  const moved = updates(parts, gradients, norm, scalars)
  const blended = [...statistics].map(([name, value]) => variables.ofStep(name).assign(value))
  graph.signature(
    'step',
    { ...batch, ...scalars },
    { loss: graph.afterAll(loss, [...moved, ...blended]), gradient_norm: norm },
  )
  if (options.gradients) {
    const outputs = [...gradients].map(([name, value]) => [name, variables.fromDevice(name, value)] as const)
    graph.signature('gradients', batch, { loss, ...Object.fromEntries(outputs) })
  }
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
  const blended = [...statistics].map(([name, value]) => variables.ofStep(name).assign(value))
  graph.signature('accumulate', batch, {
    loss: graph.afterAll(loss, [...kept, ...blended]),
    gradient_norm: backboneNorm(graph, sums),
  })
}

/** The update of what is accumulated, which becomes zeros. */
function addUpdate(parts: Parts): void {
  const { graph, layout, variables, batch } = parts
  const norm = graph.input('gradient_norm', 'float32', [])
  const accumulated = trainedEntries(layout).map(
    ({ name }) => [name, variables.ofStep(slotName(name, ACCUMULATED_GRADIENT))] as const,
  )
  const gradients = new Map(accumulated.map(([name, { value }]) => [name, value]))
  const scalars = scalarInputs(parts)
  const moved = updates(parts, gradients, norm, scalars)
  const zeros = accumulated.map(([, { value, assign }]) =>
    assign(graph.afterAll(graph.operator('ZerosLike', [value], value.shape), moved)),
  )
  const centres = batch.centres === undefined ? {} : { centres: batch.centres }
  graph.signature('update', { ...centres, gradient_norm: norm, ...scalars }, { done: graph.done(zeros) })
}

function passes({ graph, options, layout, variables, batch }: Parts) {
  const parts = networkParts(options.backbone, options.head, options.classes)
  const { images, labels } = batch
  return lossGradients(graph, parts, valuesOf(layout, variables), { pixels: images, labels })
}

function valuesOf(layout: readonly StateEntry[], variables: Variables): Map<string, Value> {
  const parameters = layout.filter(({ kind }) => kind === 'parameter')
  return new Map(parameters.map(({ name }) => [name, variables.ofStep(name).value]))
}

/** The norm that is clipped by and reported: the head's gradient is not in it. */
function backboneNorm(graph: Graph, gradients: ReadonlyMap<string, Value>): Value {
  const own = [...gradients].filter(([name]) => isClipped(name))
  return gradientNorm(
    graph,
    own.map(([, gradient]) => gradient),
  )
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
  const { update } = optimizerOf(optimizer)
  const factor = clippingFactor(graph, norm, GRADIENT_NORM_LIMIT)
  return [...gradients].flatMap(([name, gradient]) =>
    update(graph, optimizer, {
      parameter: variables.ofStep(name),
      gradient: isClipped(name) ? graph.multiply(gradient, factor) : gradient,
      slots: OPTIMIZER_SLOTS[optimizer.name].map((slot) => variables.ofStep(slotName(name, slot))),
      scalars,
    }),
  )
}
