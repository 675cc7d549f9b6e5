import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { hashToHex, xxh64 } from '../hash/xxh64.js'
import { writeFileAtomically } from '../io/index.js'
import type { Step } from './step.js'

const contentSchema = z.object({
  path: z.string(),
  kind: z.enum(['dataset', 'folder', 'file', 'run']),
  digest: z.string(),
  state: z.string(),
})

/** What stood at a path when a step read or wrote it. */
export type RecordedContent = z.infer<typeof contentSchema>

const recordSchema = z.object({
  format: z.literal(1),
  step: z.string(),
  stage: z.string(),
  tool: z.string(),
  /** Hash of each option's value: they may be secrets. */
  options: z.record(z.string(), z.string()),
  inputs: z.array(contentSchema),
  outputs: z.array(contentSchema),
  measures: z.object({
    identities: z.number().optional(),
    images: z.number().optional(),
    pairs: z.number().optional(),
    accuracy: z.number().optional(),
  }),
  skipped: z.number(),
  /** What the step said that it did. */
  described: z.array(z.string()),
})

/**
 * How an artifact was made: of what, by what, and what came of it. The next run compares all of it. It stands in the
 * datasets folder and not beside the artifact, so that no file lies in a published folder that other tools read; since
 * it has the artifact's own digest, it cannot be taken for that of another one that was put there by hand.
 */
export type StepRecord = z.infer<typeof recordSchema>

/** Where the records of the steps of a datasets folder stand. */
export function recordsFolder(datasets: string): string {
  return join(datasets, '.pipelines', 'steps')
}

function recordPath(folder: string, { stage, output }: Step): string {
  const key = hashToHex(xxh64(Buffer.from(output.path))).slice(0, 8)
  return join(folder, `${stage.name}-${basename(output.path)}-${key}.json`)
}

/** Undefined where there is none that this version reads. */
export async function readRecord(folder: string, step: Step): Promise<StepRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(recordPath(folder, step), 'utf8')))
  } catch {
    return undefined
  }
}

/** @throws OutputError */
export async function writeRecord(folder: string, step: Step, record: StepRecord): Promise<void> {
  await writeFileAtomically(recordPath(folder, step), `${JSON.stringify(record, null, 2)}\n`)
}
