import { setTimeout } from 'node:timers/promises'
import { FacedataError } from '../../errors/index.js'
import type { Log, Progress } from '../../progress/progress.js'
import { shellWord } from '../../terminal/index.js'
import type { ClusterPlan } from '../plan-file.js'
import { isActive } from './commands.js'
import { DoneCount } from './done-count.js'
import { finishLog, type Outcome, readOutcome, readSubmission, type Submission } from './submission.js'

/** What jobs wrote is looked at this often; Slurm, which serves others too, is asked less often. */
const LOOK_MS = 1_000
const ASK_SLURM_MS = 15_000

/** A file that another machine wrote may be seen so much later. */
const SEEN_AFTER_MS = 10_000

/**
 * Follows the jobs of a plan until the finish job has said how it ended. Stopping does not stop the jobs.
 * @throws FacedataError where the finish job ended without a word; the reason of the signal
 */
export async function followJobs(
  plan: ClusterPlan,
  submission: Submission,
  { log, progress, signal }: { log: Log; progress: Progress; signal: AbortSignal },
): Promise<Outcome> {
  progress.start('working', plan.shards.length, 'shards')
  const doneCount = new DoneCount(plan)
  let counted = 0
  let attempts = submission.attempts.length
  let asked = Date.now()
  try {
    for (;;) {
      const outcome = await readOutcome(plan)
      if (outcome !== undefined) return outcome
      const now = (await readSubmission(plan)) ?? submission
      if (now.attempts.length > attempts) {
        attempts = now.attempts.length
        log.warn(
          `some shards were not done and were submitted again (${attempts - 1} of ${now.settings.retries})`,
        )
      }
      const done = await doneCount.look()
      if (done > counted) progress.advance(done - counted)
      counted = done
      if (Date.now() - asked > ASK_SLURM_MS) {
        const ended = await endedSilently(plan, now, signal)
        if (ended !== undefined) throw ended
        asked = Date.now()
      }
      await setTimeout(LOOK_MS, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  } finally {
    progress.finish()
  }
}

async function endedSilently(
  plan: ClusterPlan,
  { attempts }: Submission,
  signal: AbortSignal,
): Promise<FacedataError | undefined> {
  const { finish } = attempts.at(-1)!
  if (await isActive(finish)) return undefined
  await setTimeout(SEEN_AFTER_MS, undefined, { signal }).catch(() => signal.throwIfAborted())
  const later = await readSubmission(plan)
  if (later !== undefined && later.attempts.length > attempts.length) return undefined
  if ((await readOutcome(plan)) !== undefined) return undefined
  return new FacedataError(
    `job ${finish}, which joins the shards, is over and did not say how it ended: it was cancelled or killed. Its log: ${finishLog(plan, finish)}. What is done is kept: facedata submit ${shellWord(plan.path)} --to slurm goes on`,
  )
}
