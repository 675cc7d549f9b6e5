import type { State } from '../../engines/index.js'
import { UsageError } from '../../errors/index.js'
import type { Log } from '../../progress/progress.js'
import type { Checkpoint } from '../checkpoints/checkpoint.js'
import { hasNames, type IdentityNames } from '../checkpoints/identity-names.js'
import type { RunData, RunEngine, RunState } from '../checkpoints/run-state.js'
import { type CarriedClasses, carryByName, carryRows } from './carried-classes.js'

/** The run that goes on from a checkpoint, as config and dataset define it now. */
export interface Resumption {
  /** Folder of the run, for errors. */
  run: string
  data: RunData
  engine: RunEngine
  names: IdentityNames
  /** Names and shapes of its state. */
  shapes: ReadonlyMap<string, readonly number[]>
  /** Its state before training: what nothing is carried over to stays as it is there. May be changed. */
  initialState(): Promise<State>
  log: Log
}

/** Tensors with a row for each class: the centres, and what the optimizer keeps for them. */
const PER_CLASS = /^(optimizer\.)?head\.weight(\.|$)/

const ACCUMULATED = /^optimizer\.(.*\.accumulated_gradient|accumulated_steps)$/

/**
 * Makes a checkpoint one of the run as it is now, and says in a line each what is other than it was. Nothing changes
 * where all is as it was. @throws UsageError for a run that cannot go on so
 */
export async function resume(checkpoint: Checkpoint, resumption: Resumption): Promise<Checkpoint> {
  const { data: before, engine } = checkpoint.run
  const { data, names, log } = resumption
  requireSameNetwork(before, resumption)
  sayEngine(engine, resumption)
  const run: RunState = { ...checkpoint.run, data, engine: resumption.engine }
  const otherBatches =
    before.batchSize !== data.batchSize ||
    before.fingerprint !== data.fingerprint ||
    before.images !== data.images ||
    before.seed !== data.seed
  if (otherBatches) run.shift = shiftOf(checkpoint.run, resumption)
  const state = new Map(checkpoint.state)
  if (before.optimizer !== data.optimizer) dropOptimizer(state, before, resumption)
  else if (otherBatches || before.gradientAccumulation !== data.gradientAccumulation)
    dropAccumulated(state, run, resumption)
  const carried = carriedClasses(checkpoint, resumption)
  if (carried !== undefined) await carryClasses(state, carried, resumption)
  for (const [name, tensor] of state) {
    if (`${resumption.shapes.get(name)}` !== `${tensor.shape}`) state.delete(name)
  }
  requireWeights(state, resumption)
  if (otherBatches) log.info(`its steps are counted on from ${run.step}`)
  return { state, run, names }
}

function requireSameNetwork(before: RunData, { run, data }: Resumption): void {
  if (before.network === data.network) return
  throw new UsageError(
    `${run}: cannot resume: its network and embedding_size were ${before.network}, now they are ${data.network}. ` +
      '--replace starts again',
  )
}

function requireWeights(state: State, { run, shapes }: Resumption): void {
  for (const name of shapes.keys()) {
    if (state.has(name) || !(name.startsWith('backbone.') || name === 'head.weight')) continue
    throw new UsageError(
      `${run}: cannot resume: its ${name} has another shape than the network for images of this dataset. ` +
        '--replace starts again',
    )
  }
}

function sayEngine(before: RunEngine, { engine, log }: Resumption): void {
  for (const key of ['lowering', 'provider', 'threads'] as const) {
    if (before[key] === engine[key]) continue
    log.info(
      `${key}: ${engine[key]} in place of ${before[key]}: results differ from those of a run that never stopped ` +
        'by what rounding does',
    )
  }
}

/**
 * The place in the epoch is carried over by images: those of its beginning that make no whole number of the new batches
 * are seen again.
 */
function shiftOf({ data: before, step, shift }: RunState, { data, log }: Resumption): number {
  const stepsBefore = Math.floor(before.images / before.batchSize)
  const stepsNow = Math.floor(data.images / data.batchSize)
  const epoch = Math.floor((step + shift) / stepsBefore)
  const seen = ((step + shift) % stepsBefore) * before.batchSize
  const within = Math.min(stepsNow, Math.floor(seen / data.batchSize))
  const again = Math.max(0, seen - within * data.batchSize)
  const place = `epoch ${epoch} goes on after ${within * data.batchSize} images`
  if (before.batchSize !== data.batchSize) {
    log.info(
      `batch_size: ${data.batchSize} in place of ${before.batchSize}: ${place}; ${again} are seen again`,
    )
  }
  if (before.seed !== data.seed) {
    log.info(`seed: ${data.seed} in place of ${before.seed}: ${place}, in another order`)
  }
  if (before.fingerprint !== data.fingerprint || before.images !== data.images) {
    log.info(`another dataset, of ${data.images} images: ${place}, in another order`)
  }
  return epoch * stepsNow + within - step
}

function dropOptimizer(state: State, before: RunData, { data, log }: Resumption): void {
  log.info(
    `optimizer: ${data.optimizer} in place of ${before.optimizer}: what it keeps for each parameter starts anew`,
  )
  for (const name of state.keys()) if (name.startsWith('optimizer.')) state.delete(name)
}

/** An update is due where the count of steps is a multiple of gradient_acc: so it stays. */
function dropAccumulated(state: State, run: RunState, { data, log }: Resumption): void {
  const waiting = state.get('optimizer.accumulated_steps')?.data[0] ?? 0
  if (waiting > 0) log.info(`the gradients of ${waiting} steps that waited for their update are left out`)
  for (const name of state.keys()) if (ACCUMULATED.test(name)) state.delete(name)
  if (data.gradientAccumulation === 1) return
  const steps = run.step % data.gradientAccumulation
  state.set('optimizer.accumulated_steps', { shape: [], data: Float32Array.of(steps) })
}

/** Undefined where every class keeps its label. @throws UsageError where nobody can tell who is who */
function carriedClasses(
  { run: { data: before }, names: earlier }: Checkpoint,
  { run, data, names, log }: Resumption,
): CarriedClasses | undefined {
  if (before.fingerprint === data.fingerprint && before.classes === data.classes) return undefined
  if (!hasNames(earlier) || !hasNames(names)) {
    if (before.classes !== data.classes) {
      throw new UsageError(
        `${run}: cannot resume: its dataset had ${before.classes} identities, now it has ${data.classes}, and ` +
          'without their names nobody can tell which class centre is whose (facedata adopt writes names). ' +
          '--replace starts again',
      )
    }
    log.info(`another dataset, without names: its ${data.classes} class centres are carried over by label`)
    return undefined
  }
  const carried = carryByName(earlier, names)
  if (carried.carried === 0) {
    throw new UsageError(
      `${run}: cannot resume: none of the ${earlier.length} people that it knows is in the dataset. ` +
        '--replace starts again; init begins with its backbone',
    )
  }
  log.info(
    `another dataset: ${carried.carried} people keep their class centres, by name; ${carried.added} are new; ` +
      `${carried.left} have left`,
  )
  return carried
}

async function carryClasses(
  state: State,
  carried: CarriedClasses,
  { initialState, shapes }: Resumption,
): Promise<void> {
  const initial = await initialState()
  for (const [name, tensor] of state) {
    if (!PER_CLASS.test(name) || !shapes.has(name)) continue
    const into = initial.get(name)!
    carryRows(tensor, into, carried)
    state.set(name, into)
  }
}
