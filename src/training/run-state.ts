import { pack, unpack } from 'msgpackr'
import { z } from 'zod'
import { InputError } from '../errors/index.js'

const bestSchema = z.object({
  step: z.number().int(),
  /** Mean accuracy over the val targets. */
  accuracy: z.number(),
})

/** The best of a run on validation so far. */
export type Best = z.infer<typeof bestSchema>

const runStateSchema = z.object({
  /** Steps and epochs that are done. */
  step: z.number().int().min(0),
  epoch: z.number().int().min(0),
  /** Losses since the last line of the log, so that the next line of a resumed run is the same. */
  pendingLoss: z.object({ sum: z.number(), count: z.number().int().min(0) }),
  best: bestSchema.nullable(),
  /** Highest accuracy on each val target. */
  highest: z.record(z.string(), z.number()),
  /** What a run must have in common with the one that it resumes, or its batches would be others. */
  images: z.number().int(),
  classes: z.number().int(),
  batchSize: z.number().int(),
  seed: z.number().int(),
})

/** Where a run stands, apart from its tensors. */
export type RunState = z.infer<typeof runStateSchema>

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
