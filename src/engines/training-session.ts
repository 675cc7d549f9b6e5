import type { Backbone, MarginHead, OptimizerOptions } from '../network/index.js'
import type { Provider } from './embedder.js'

/** What computes: the runtime that a step is written for. */
export type Engine = 'onnxruntime' | 'tensorflow'

/** Float32, row-major, shape as in PyTorch; a scalar has shape []. */
export interface StateTensor {
  shape: readonly number[]
  data: Float32Array
}

/**
 * Everything that a training run must keep to go on bit by bit. Names:
 * `backbone.*` parameters and running statistics as in upstream's `state_dict`, `num_batches_tracked` among them
 * (int64 there; here a float32 scalar, exact to 16,777,216 steps: files write it as int64);
 * `head.weight` the class centres [classes, embedding size];
 * `optimizer.<parameter>.<slot>` what the optimizer keeps for each trained parameter, such as
 * `optimizer.head.weight.momentum_buffer`, or `exp_avg` and `exp_avg_sq` of AdamW, which has its count of updates as
 * `optimizer.step`; with gradient accumulation `accumulated_gradient`, and `optimizer.accumulated_steps`; in mixed
 * precision `optimizer.loss_scale`, `optimizer.growth_tracker` and `optimizer.skipped_updates`: scalars.
 */
export type State = Map<string, StateTensor>

export interface TrainingBatch {
  /** RGB, NCHW: batchSize x 3 x height x width bytes. */
  images: Uint8Array
  /** batchSize class labels, each in [0, classes). */
  labels: Int32Array
  /** Rate that this step uses. */
  learningRate: number
  /**
   * The class centres of the step, `sampledCentres` different classes in ascending order, those of the labels among
   * them: where, and only where, the session was made for so many.
   */
  centres?: Int32Array
}

export interface StepResult {
  /** Mean over the batch, before the update. */
  loss: number
  /** L2 norm of the backbone's gradient, or of what is accumulated, before it was clipped. */
  gradientNorm: number
  /** Of the loss, in mixed precision. */
  scaling?: {
    /** Factor in this step. */
    scale: number
    /**
     * The step's update was left out: a gradient was no finite number, nor is then the norm, and the scale is halved.
     * Running statistics have moved.
     */
    skipped: boolean
    /** Updates of the whole run that were left out. */
    skippedUpdates: number
  }
}

/** Where PartialFC's class centres lie, and what they and the optimizer's values of them come to, in bytes. */
export interface CentrePlace {
  /** In the memory of the device; else in that of the process. */
  onDevice: boolean
  bytes: number
}

/**
 * One training run on one engine. Calls are answered in order; the work happens in a worker thread, so that the
 * caller can prepare the next batch meanwhile. The session does not change or keep the arrays that it is given.
 */
export interface TrainingSession {
  /**
   * Engine and lowering: `onnxruntime portable` or, from the operators of the CPU's blocked layout, `onnxruntime
   * blocked`; `tensorflow NHWC` on a CPU, `tensorflow NCHW` on a GPU; ` float16` behind it is mixed precision. They
   * differ in rounding.
   */
  readonly lowering: string
  /** Provider of the engine that computes, such as `cpu` or `webgpu`; what `auto` came to. */
  readonly provider: string
  /** Name of the device, where it is not the processor. */
  readonly device?: string | undefined
  /** Where the class centres of a session with `sampledCentres` lie. */
  readonly centres?: CentrePlace | undefined
  /**
   * Replaces parts of the state. Names that are not given stay as they are: only `backbone.*` starts from another
   * model. Class centres in shared memory (`SharedArrayBuffer`) become the session's own, without a copy, where it
   * keeps them in tables. @throws UsageError for a name that the network lacks or another shape
   */
  load(state: State): Promise<void>
  /**
   * Hands the batch of the step to come over while another one runs: `step`, called with the same object, finds it in
   * the engine's thread and, where a device has memory of its own, its images there. Each batch that is prepared must
   * come to its step. @throws UsageError as `step`
   */
  prepare(batch: TrainingBatch): void
  /** Forward, backward and, where enough gradients are accumulated, update on one batch. @throws UsageError for a batch of another size or a label out of range */
  step(batch: TrainingBatch): Promise<StepResult>
  /**
   * Embeddings with the running statistics, as at inference: images RGB NCHW of any count, to
   * [count, embedding size]; not normalised to length 1.
   */
  embed(images: Uint8Array): Promise<Float32Array>
  /**
   * The whole state, copied; but for what a session with `sampledCentres` keeps of every class, `head.weight` and its
   * optimizer's values. Those may be the session's own memory, shared: read them before the next `step` or `load`.
   */
  state(): Promise<State>
  /** Frees the engine. Pending calls are answered before. */
  close(): Promise<void>
}

export interface TrainingOptions {
  backbone: Backbone
  head: MarginHead
  optimizer: OptimizerOptions
  /**
   * Steps whose gradients are added up, not averaged, before they are clipped and used, as upstream's `gradient_acc`;
   * 1 without it. Running statistics move in every step.
   */
  gradientAccumulation?: number
  /**
   * Mixed precision: convolutions before the embedding's tail in float16, the loss scaled so that their gradients fit;
   * parameters, BatchNorm, tail, head and optimizer in float32. The provider must have float16.
   */
  float16?: boolean
  batchSize: number
  /** Number of identities, the rows of `head.weight`. */
  classes: number
  /**
   * PartialFC: a step works with so many of the class centres, named by its batch. The others, and their optimizer's
   * values, do not move. Every centre, without it.
   */
  sampledCentres?: number
  /** Of the initial weights. */
  seed: number
  /** `onnxruntime` without it. */
  engine?: Engine
  provider?: Provider
  /** Threads of the engine; every core without it. The same number gives the same bits. */
  threads?: number
}
