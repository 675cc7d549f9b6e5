import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ExitCode } from '../../errors/index.js'
import { makeDirectory, writeFileAtomically } from '../../io/index.js'
import { jobsFolder, makeJobsFolder } from '../jobs-folder.js'
import { type ClusterPlan, finishedFolder } from '../plan-file.js'
import { rangesOf } from '../unfinished-shards.js'
import { refuseGone } from '../work-on-plan.js'
import { isActive, maxArraySize, sbatch, scancel } from './commands.js'
import { jobScript } from './job-script.js'
import {
  forgetOutcome,
  logFolder,
  readOutcome,
  readSubmission,
  type SlurmSettings,
  type Submission,
  writeSubmission,
} from './submission.js'

/**
 * Submits what is left of a plan: an array job for its shards, and a job that joins them when all tasks are over, well
 * or not. Where an earlier submission still runs, or ended well, that one is returned. @throws UsageError, FacedataError of sbatch
 */
export async function submitToSlurm(
  plan: ClusterPlan,
  settings: SlurmSettings,
  program: string[],
): Promise<{ submission: Submission; wasRunning: boolean }> {
  const earlier = await readSubmission(plan)
  if (earlier !== undefined) {
    const outcome = await readOutcome(plan)
    const stands =
      outcome === undefined
        ? await isActive(earlier.attempts.at(-1)!.finish)
        : outcome.exitCode === ExitCode.done
    if (stands) return { submission: earlier, wasRunning: true }
  }
  await refuseGone(plan)
  const perTask = Math.ceil(plan.shards.length / (await maxArraySize()))
  await makeJobsFolder(plan)
  await makeDirectory(logFolder(plan))
  await forgetOutcome(plan)
  for (const kind of ['work', 'finish'] as const) {
    await writeFileAtomically(scriptPath(plan, kind), jobScript({ kind, plan, settings, program, perTask }))
  }
  const done = await doneShards(plan)
  const missing = [...plan.shards.keys()].filter((shard) => !done.has(shard))
  const attempt = await submitJobs(plan, { settings, perTask }, missing)
  const submission = { plan: plan.id, program, settings, perTask, attempts: [attempt] }
  await writeSubmission(plan, submission)
  return { submission, wasRunning: false }
}

/**
 * Submits shards that are not done once more, as they were submitted before. Undefined where that was done as often as it
 * may be. @throws FacedataError of sbatch
 */
export async function submitAgain(
  plan: ClusterPlan,
  submission: Submission,
  missing: number[],
): Promise<Submission | undefined> {
  if (submission.attempts.length > submission.settings.retries) return undefined
  const attempt = await submitJobs(plan, submission, missing)
  const next = { ...submission, attempts: [...submission.attempts, attempt] }
  await writeSubmission(plan, next)
  return next
}

async function submitJobs(
  plan: ClusterPlan,
  { settings, perTask }: Pick<Submission, 'settings' | 'perTask'>,
  missing: number[],
): Promise<Submission['attempts'][number]> {
  const { sbatchOptions, throttle } = settings
  if (missing.length === 0) return { finish: await sbatch([...sbatchOptions, scriptPath(plan, 'finish')]) }
  const tasks = [...new Set(missing.map((shard) => Math.floor(shard / perTask)))]
  const most = throttle === undefined ? '' : `%${throttle}`
  const array = `--array=${rangesOf(tasks)}${most}`
  const work = await sbatch([array, ...sbatchOptions, scriptPath(plan, 'work')])
  try {
    const dependency = `--dependency=afterany:${work}`
    return { work, finish: await sbatch([dependency, ...sbatchOptions, scriptPath(plan, 'finish')]) }
  } catch (error) {
    await scancel([work]).catch(() => {})
    throw error
  }
}

/** By their markers, whose files `finish` checks. */
export async function doneShards(plan: ClusterPlan): Promise<Set<number>> {
  const names = await readdir(finishedFolder(plan)).catch(() => [])
  const shards = names.map((name) => /^shard-(\d+)\.done\.json$/.exec(name)?.[1])
  return new Set(shards.filter((shard) => shard !== undefined).map(Number))
}

function scriptPath(plan: ClusterPlan, kind: 'work' | 'finish'): string {
  return join(jobsFolder(plan.path), `${kind}.sh`)
}
