import { dirname, join } from 'node:path'
import { removeEmptyDirectory, removeTree } from '../io/index.js'
import { FileLock, withOutputLocks } from '../locks/index.js'
import { refuseExistingOutput } from '../stages/existing-output.js'
import { type AnyStage, type Plan, publishedPaths } from '../stages/stage.js'
import { checkFolders, checkInputs, type FrozenShard } from './frozen-inputs.js'
import type { LocalRun } from './local.js'
import { type ClusterPlan, finishedFolder, planFolder, readShard } from './plan-file.js'
import { checkShards, type UnfinishedShard } from './unfinished-shards.js'
import { refuseGone } from './work-on-plan.js'

/** The stage's result, or the shards that are still to be worked on: then nothing was written. */
export type Finished = { result: unknown } | { unfinished: UnfinishedShard[] }

/**
 * Checks what the shards of a plan wrote, joins it, publishes it as the stage does when it runs on one machine, and
 * removes the plan's folder. @throws LockedError where another process does so already, or writes the output; UsageError where the plan is
 * finished; InputError where an input changed; what the stage throws
 */
export async function finishPlan(
  plan: ClusterPlan,
  stage: AnyStage,
  run: Omit<LocalRun, 'strict' | 'replace'>,
): Promise<Finished> {
  await refuseGone(plan)
  const folder = planFolder(plan)
  const lock = await FileLock.acquire(join(folder, 'finish.lock'), 'finish', run.log)
  try {
    // Another one may have been faster.
    await refuseGone(plan)
    await checkInputs(plan.inputs)
    const { results, unfinished } = await checkShards(plan)
    if (unfinished.length > 0) return { unfinished }
    const { strict, replace } = plan
    await refuseExistingOutput(plan.output, replace)
    const joined = await stagePlan(plan)
    run.signal.throwIfAborted()
    const context = { ...run, strict, replace, scratch: finishedFolder(plan) }
    const outputs = publishedPaths(plan.output)
    const result = await withOutputLocks(outputs, stage.name, run.log, () =>
      stage.finish(joined, results, context),
    )
    // First what tells that there is work left: all the rest may take minutes to remove.
    await removeTree(join(folder, 'shards'))
    await removeTree(folder)
    return { result }
  } finally {
    run.progress.finish()
    await lock.release()
    await removeEmptyDirectory(folder)
    await removeEmptyDirectory(dirname(folder))
  }
}

async function stagePlan(plan: ClusterPlan): Promise<Plan<unknown>> {
  const shards: unknown[] = []
  for (const number of plan.shards.keys()) {
    const frozen = (await readShard(plan, number)) as FrozenShard
    await checkFolders(frozen)
    shards.push(frozen.shard)
  }
  const { stage, fingerprint, options, output, amount } = plan
  return { stage, fingerprint, options, output, shards, ...(amount && { amount }) }
}
