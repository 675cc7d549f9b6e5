import { pack, unpack } from 'msgpackr'
import { z } from 'zod'
import { InputError } from '../../errors/index.js'

const bestSchema = z.object({
  step: z.number().int(),
  /** Mean accuracy over the val targets. */
  accuracy: z.number(),
})

/** The best of a run on validation so far. */
export type Best = z.infer<typeof bestSchema>

const dataSchema = z.object({
  /** Of the dataset; empty for one that another tool made. */
  fingerprint: z.string(),
  images: z.number().int(),
  classes: z.number().int(),
  batchSize: z.number().int(),
  seed: z.number().int(),
  /** Network and embedding size as JSON. */
  network: z.string(),
  optimizer: z.string(),
  gradientAccumulation: z.number().int(),
})

/** What batches and tensors of a run depend on. */
export type RunData = z.infer<typeof dataSchema>

const engineSchema = z.object({
  /** Engine and lowering, such as `onnxruntime portable`. */
  lowering: z.string(),
  /** `auto` is what the processor was called before there were others. */
  provider: z.string().transform((name) => (name === 'auto' ? 'cpu' : name)),
  threads: z.number().int(),
})

/** What the last bits of a result depend on. */
export type RunEngine = z.infer<typeof engineSchema>

const runStateSchema = z.object({
  /** Steps and epochs that are done. */
  step: z.number().int().min(0),
  epoch: z.number().int().min(0),
  /**
   * Added to the number of a step, it is the step's place in the schedule and in the order of the images. Not 0 where
   * a run went on with other batches: its steps are counted on, and these places are those of the new batches.
   */
  shift: z.number().int(),
  /** Losses since the last line of the log, so that the next line of a resumed run is the same. */
  pendingLoss: z.object({ sum: z.number(), count: z.number().int().min(0) }),
  /** A verification at this step was interrupted. */
  verificationDue: z.boolean(),
  best: bestSchema.nullable(),
  /** Highest accuracy on each val target. */
  highest: z.record(z.string(), z.number()),
  data: dataSchema,
  engine: engineSchema,
})

/** Where a run stands, apart from its tensors. */
export type RunState = z.infer<typeof runStateSchema>

/** Before the first step. */
export function newRunState(data: RunData, engine: RunEngine): RunState {
  return {
    step: 0,
    epoch: 0,
    shift: 0,
    pendingLoss: { sum: 0, count: 0 },
    verificationDue: false,
    best: null,
    highest: {},
    data,
    engine,
  }
}

export function encodeRunState(state: RunState): Uint8Array {
  return pack(state)
}

/** @throws InputError where the bytes are no state of a run */
export function decodeRunState(bytes: Uint8Array, file: string): RunState {
  let value: unknown
  try {
    value = unpack(bytes)
  } catch (error) {
    throw new InputError({ file, problem: `is not MessagePack: ${(error as Error).message}` })
  }
  const parsed = runStateSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  throw new InputError({
    file,
    problem: `is not the state of a run: ${issue.path.join('.')}: ${issue.message}`,
  })
}
