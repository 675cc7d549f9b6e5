import type { ClusterPlan } from '../plan-file.js'
import { type UnfinishedShard, unfinishedError } from '../unfinished-shards.js'
import { readSubmission, type Submission, taskLog } from './submission.js'
import { submitAgain } from './submit.js'

/**
 * What the finish job does about shards that are not done: submits them again as often as it may.
 * @returns the line that says so @throws FacedataError that lists them, with their logs, where it may not
 */
export async function resubmit(plan: ClusterPlan, unfinished: UnfinishedShard[]): Promise<string> {
  const submission = await readSubmission(plan)
  if (submission === undefined) throw unfinishedError(plan, unfinished)
  const shards = unfinished.map(({ shard }) => shard)
  const next = await submitAgain(plan, submission, shards)
  if (next === undefined)
    throw unfinishedError(plan, unfinished, (shard, job) => logOf(plan, submission, shard, job))
  const { work, finish } = next.attempts.at(-1)!
  const times = `${next.attempts.length - 1} of ${next.settings.retries} times`
  return `${shards.length} shards are not done: submitted again (${times}) as job ${work}, joined by job ${finish}`
}

function logOf(
  plan: ClusterPlan,
  { attempts, perTask }: Submission,
  shard: number,
  job: string | undefined,
): string | undefined {
  if (job !== undefined) return taskLog(plan, job)
  const work = attempts.findLast((attempt) => attempt.work !== undefined)?.work
  return work === undefined ? undefined : taskLog(plan, `${work}_${Math.floor(shard / perTask)}`)
}
