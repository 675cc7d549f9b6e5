import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { removeTree, writeFileAtomically } from '../../io/index.js'
import { jobsFolder } from '../jobs-folder.js'
import type { ClusterPlan } from '../plan-file.js'

const job = z.string().regex(/^\d+$/)

const limitsSchema = z.object({
  time: z.string().optional(),
  memory: z.string().optional(),
  cpus: z.number().int().positive().optional(),
})

const settingsSchema = z.object({
  partition: z.string().optional(),
  account: z.string().optional(),
  /** Of a task that works on shards. */
  work: limitsSchema,
  /** Of the job that joins them: it reads and writes everything, and may take longer than any task. */
  finish: limitsSchema,
  /** Words for sbatch, as they are. */
  sbatchOptions: z.array(z.string()),
  /** Tasks that run at a time at most. */
  throttle: z.number().int().positive().optional(),
  /** How often shards that are missing are submitted again. */
  retries: z.number().int().nonnegative(),
})

const submissionSchema = z.object({
  /** Id of the plan. */
  plan: z.string(),
  /** What starts facedata: Node.js and the program. */
  program: z.array(z.string()).min(1),
  settings: settingsSchema,
  /** Shards of one task. */
  perTask: z.number().int().positive(),
  /** One at first, then one each time that shards are submitted again. `work` is missing where all are done. */
  attempts: z.array(z.object({ work: job.optional(), finish: job })).min(1),
})

const outcomeSchema = z.object({ plan: z.string(), exitCode: z.number().int(), text: z.string() })

/** How jobs are submitted. */
export type SlurmSettings = z.infer<typeof settingsSchema>

/** The jobs of a plan. */
export type Submission = z.infer<typeof submissionSchema>

/** How the finish job ended: what it said, and its exit code. */
export type Outcome = z.infer<typeof outcomeSchema>

const files = (plan: ClusterPlan) => ({
  submission: join(jobsFolder(plan.path), 'submission.json'),
  outcome: join(jobsFolder(plan.path), 'outcome.json'),
})

export async function writeSubmission(plan: ClusterPlan, submission: Submission): Promise<void> {
  await writeFileAtomically(files(plan).submission, `${JSON.stringify(submission, null, 2)}\n`)
}

/** Undefined where there is none of this plan. */
export async function readSubmission(plan: ClusterPlan): Promise<Submission | undefined> {
  return read(files(plan).submission, submissionSchema, plan.id)
}

export async function writeOutcome(plan: ClusterPlan, outcome: Omit<Outcome, 'plan'>): Promise<void> {
  const text = JSON.stringify({ plan: plan.id, ...outcome }, null, 2)
  await writeFileAtomically(files(plan).outcome, `${text}\n`)
}

export async function readOutcome(plan: ClusterPlan): Promise<Outcome | undefined> {
  return read(files(plan).outcome, outcomeSchema, plan.id)
}

export async function forgetOutcome(plan: ClusterPlan): Promise<void> {
  await removeTree(files(plan).outcome)
}

/** Where jobs write what they say. */
export function logFolder(plan: ClusterPlan): string {
  return join(jobsFolder(plan.path), 'logs')
}

/** @param task `JOB_TASK`, as Slurm names a task of an array */
export function taskLog(plan: ClusterPlan, task: string): string {
  return join(logFolder(plan), `work-${task}.log`)
}

export function finishLog(plan: ClusterPlan, job: string): string {
  return join(logFolder(plan), `finish-${job}.log`)
}

async function read<T extends { plan: string }>(
  path: string,
  schema: z.ZodType<T>,
  plan: string,
): Promise<T | undefined> {
  try {
    const found = schema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data
    return found?.plan === plan ? found : undefined
  } catch {
    return undefined
  }
}
