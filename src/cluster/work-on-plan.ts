import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { InterruptedError, UsageError } from '../errors/index.js'
import { isMissing, makeDirectory, removeTree, renamePath, syncDirectory } from '../io/index.js'
import type { AnyStage, ShardResult, StageContext } from '../stages/stage.js'
import { checkFiles, checkFolders, checkInputs, type FrozenShard } from './frozen-inputs.js'
import type { LocalRun } from './local.js'
import { type ClusterPlan, finishedFolder, planFolder, readShard } from './plan-file.js'
import { forgetFailure, noteFailure } from './shard-failure.js'
import { readMarker, writeMarker } from './shard-marker.js'

/** What became of one shard. */
export interface ShardWork {
  shard: number
  /** An earlier run had done it. */
  wasDone: boolean
  /** Why it is not done. */
  error?: Error
}

/** @throws UsageError where the folder of the plan is gone */
export async function refuseGone(plan: ClusterPlan): Promise<void> {
  const folder = planFolder(plan)
  if (!(await isMissing(join(folder, 'shards')))) return
  throw new UsageError(
    `nothing is left to do for ${plan.path}: ${folder} is gone, since the plan was finished or given up. Plan again`,
  )
}

/**
 * Works on some shards of a plan, one after another. One that fails leaves a note of why, and the others are worked on
 * all the same. Two processes may work on one shard: each writes into a folder of its own, and what they put under the
 * shard's names is the same. @throws UsageError for a shard that the plan has not; the reason of the signal
 */
export async function workOnPlan(
  plan: ClusterPlan,
  stage: AnyStage,
  shards: number[],
  run: Omit<LocalRun, 'strict' | 'replace'> & { job?: string },
): Promise<ShardWork[]> {
  for (const shard of shards) {
    if (shard >= 0 && shard < plan.shards.length) continue
    throw new UsageError(`${plan.path} has no shard ${shard}: they are 0 to ${plan.shards.length - 1}`)
  }
  await refuseGone(plan)
  await checkInputs(plan.inputs)
  const works: ShardWork[] = []
  for (const shard of shards) {
    run.signal.throwIfAborted()
    works.push(await workOnShard(plan, stage, shard, run))
  }
  return works
}

async function workOnShard(
  plan: ClusterPlan,
  stage: AnyStage,
  shard: number,
  run: Omit<LocalRun, 'strict' | 'replace'> & { job?: string },
): Promise<ShardWork> {
  const finished = finishedFolder(plan)
  if ((await readMarker(finished, shard, plan.id)) !== undefined) return { shard, wasDone: true }
  const attempt = join(planFolder(plan), 'attempts', `${shard}-${randomBytes(4).toString('hex')}`)
  try {
    const frozen = (await readShard(plan, shard)) as FrozenShard
    await checkFolders(frozen)
    await checkFiles(stage, frozen)
    await makeDirectory(attempt)
    startProgress(plan, run.progress)
    const { strict, replace } = plan
    const context: StageContext = { ...run, strict, replace, scratch: attempt }
    const result = await stage.work(frozen.shard, context)
    await moveFiles(result.files, attempt, finished)
    await writeMarker(finished, shard, result, plan.id)
    await forgetFailure(finished, shard)
    return { shard, wasDone: false }
  } catch (error) {
    if (error instanceof InterruptedError || run.signal.aborted) throw error
    const { message } = error as Error
    await noteFailure(finished, shard, { message, ...(run.job && { job: run.job }) }).catch(() => {})
    return { shard, wasDone: false, error: error as Error }
  } finally {
    run.progress.finish()
    await removeTree(attempt).catch(() => {})
    // A task that was started twice comes to its end when all is published and removed.
    const isOver = await isMissing(join(planFolder(plan), 'shards')).catch(() => false)
    if (isOver) await removeTree(planFolder(plan)).catch(() => {})
  }
}

function startProgress({ amount, shards }: ClusterPlan, progress: StageContext['progress']): void {
  if (amount === undefined) return
  progress.start(amount.phase, Math.ceil(amount.total / shards.length), amount.unit)
}

/** Over what another process may have put there: it is the same. */
async function moveFiles(files: ShardResult['files'], from: string, to: string): Promise<void> {
  const folders = new Set(files.map(({ path }) => dirname(join(to, path))))
  for (const folder of folders) await makeDirectory(folder)
  for (const { path } of files) await renamePath(join(from, path), join(to, path))
  for (const folder of folders) await syncDirectory(folder)
}
