import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { GuardError } from '../errors/index.js'
import { makeDirectory, removeEmptyDirectory, removeTree } from '../io/index.js'
import { withOutputLocks } from '../locks/index.js'
import { refuseExistingOutput } from '../stages/existing-output.js'
import {
  type AnyStage,
  type Plan,
  publishedPaths,
  type ShardResult,
  type Stage,
  type StageContext,
} from '../stages/stage.js'
import { WorkerPool } from '../workers/index.js'
import { NewsChannel } from './news-channel.js'
import { readMarker, writeMarker } from './shard-marker.js'

/** More shards than threads: a killed run then loses less, and threads wait less for the last one. */
const SHARDS_PER_JOB = 8

/** Threads that are started before it is known how much there is to do: a small pack has no need of a hundred. */
const EARLY_THREADS = 4

/** How a stage runs on this machine. */
export type LocalRun = Omit<StageContext, 'scratch'> & {
  /** Threads that the work is cut for, where a later run may have more of them than this one: `jobs` without it. */
  shardsFor?: number
}

type ShardTasks = typeof import('./shard-worker.js')

const shardWorker = new URL('../../dist/cluster/shard-worker.js', import.meta.url)

/**
 * Plans a stage, works on its shards on up to `run.jobs` threads, and finishes it. Shards that an earlier, killed run
 * of the same plan finished are taken as they are.
 * @throws UsageError where the output exists; LockedError where something else writes it; what the stage throws;
 * InterruptedError on abort
 */
export async function runStage<Options, Shard, Result>(
  stage: Stage<Options, Shard, Result>,
  options: Options,
  run: LocalRun,
): Promise<Result> {
  await refuseExistingOutput(stage.output(options), run.replace)
  const threads = startThreads(stage, run)
  try {
    const threadsCutFor = run.shardsFor ?? run.jobs
    const plan = await stage.plan(options, threadsCutFor === 1 ? 1 : threadsCutFor * SHARDS_PER_JOB)
    const outputs = publishedPaths(plan.output)
    return await withOutputLocks(outputs, stage.name, run.log, () => runPlan(stage, plan, run, threads))
  } finally {
    await threads.close()
  }
}

async function runPlan<Options, Shard, Result>(
  stage: Stage<Options, Shard, Result>,
  plan: Plan<Shard>,
  run: LocalRun,
  threads: WorkerPool<ShardTasks>,
): Promise<Result> {
  const scratch = scratchFolder(plan)
  if (!plan.output.temporary) await removeAbandoned(scratch)
  await makeDirectory(scratch)
  const context: StageContext = { ...run, scratch }
  try {
    const results = await workOnShards(stage, plan, threads, context)
    await threads.close()
    run.signal.throwIfAborted()
    await refuseExistingOutput(plan.output, run.replace)
    const result = await stage.finish(plan, results, context)
    await removeTree(scratch)
    return result
  } catch (error) {
    // Made as it was asked for, and not wanted: with other inputs nothing of it could be used.
    if (error instanceof GuardError) await removeTree(scratch)
    throw error
  } finally {
    run.progress.finish()
    await removeEmptyDirectory(scratch)
    await removeEmptyDirectory(dirname(scratch))
    await removeEmptyDirectory(dirname(dirname(scratch)))
  }
}

/** The threads of a run. Each starts with its first task: those of a threaded stage with one that loads its code. */
function startThreads(stage: AnyStage, { jobs }: LocalRun): WorkerPool<ShardTasks> {
  const count = threadsOf(stage, jobs)
  const threads = new WorkerPool<ShardTasks>(shardWorker, { threads: Math.max(1, count) })
  if (stage.threaded) {
    for (let i = 0; i < Math.min(count, EARLY_THREADS); i++) {
      // What is wrong with a thread shows when it gets a shard.
      threads.run('prepare', { stage: stage.name }).catch(() => {})
    }
  }
  return threads
}

/** Beside the output, so that what is finished moves there by renaming. */
function scratchFolder({ stage, fingerprint, shards, output }: Plan<unknown>): string {
  const name = `${stage}-${fingerprint}-${shards.length}`
  return join(dirname(output.path), '.scratch', basename(output.path), name)
}

/**
 * What killed runs left of the same output with other inputs, options or another number of shards: nobody goes on with
 * it, and night after night it would fill the disk. Whoever holds the lock of the output is alone here.
 */
async function removeAbandoned(scratch: string): Promise<void> {
  const folder = dirname(scratch)
  const names = await readdir(folder).catch(() => [])
  for (const name of names) if (name !== basename(scratch)) await removeTree(join(folder, name))
}

async function workOnShards(
  stage: AnyStage,
  plan: Plan<unknown>,
  threads: WorkerPool<ShardTasks>,
  context: StageContext,
): Promise<ShardResult[]> {
  const { amount } = plan
  if (amount !== undefined) context.progress.start(amount.phase, amount.total, amount.unit)
  if (plan.shards.length === 1) return [await workOnOne(stage, plan.shards[0], context)]
  const stop = new AbortController()
  const stoppable = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) }
  const results: ShardResult[] = []
  const waiting = [...plan.shards.keys()]
  /** Takes one shard after another until none is left: as many lanes as jobs. */
  const lane = async (work: (shard: unknown) => Promise<ShardResult>) => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
      stoppable.signal.throwIfAborted()
      const earlier = await finishedEarlier(stage, plan.shards[index], index, context)
      if (earlier !== undefined) {
        context.progress.advance(earlier.done, { skipped: earlier.skipped, earlier: true })
      }
      results[index] = earlier ?? (await work(plan.shards[index]))
      if (earlier === undefined) await writeMarker(context.scratch, index, results[index]!)
    }
  }
  const inThread = (shard: unknown) => workInThread(threads, stage, shard, stoppable)
  const lanes = Array.from({ length: threadsOf(stage, context.jobs) }, () => lane(inThread))
  if (stage.threaded) lanes.push(lane((shard) => stage.work(shard, stoppable)))
  // The first error stops the other lanes, and is waited for: nothing goes on behind a run that has failed.
  for (const running of lanes) running.catch((error: unknown) => stop.abort(error))
  await Promise.allSettled(lanes)
  stoppable.signal.throwIfAborted()
  return results
}

/** A threaded stage works in the main thread too, which would else wait: one thread fewer to start. */
function threadsOf({ threaded }: AnyStage, jobs: number): number {
  return threaded ? jobs - 1 : jobs
}

/** The result of a shard that an earlier run finished, or undefined where it must be worked on (again). */
async function finishedEarlier(
  stage: AnyStage,
  shard: unknown,
  index: number,
  context: StageContext,
): Promise<ShardResult | undefined> {
  const result = await readMarker(context.scratch, index)
  if (result === undefined || stage.isCurrent === undefined) return result
  return (await stage.isCurrent(shard, context)) ? result : undefined
}

/** A single shard runs in the main thread: a stage such as train owns its threads itself. */
async function workOnOne(stage: AnyStage, shard: unknown, context: StageContext): Promise<ShardResult> {
  const earlier = await finishedEarlier(stage, shard, 0, context)
  if (earlier !== undefined) return earlier
  const result = await stage.work(shard, context)
  await writeMarker(context.scratch, 0, result)
  return result
}

async function workInThread(
  pool: WorkerPool<ShardTasks>,
  stage: AnyStage,
  shard: unknown,
  { log, progress, signal, scratch, strict, replace }: StageContext,
): Promise<ShardResult> {
  signal.throwIfAborted()
  const news = new NewsChannel({ log, progress })
  const task = { stage: stage.name, shard, scratch, strict, replace, news: news.port }
  const stop = () => news.stop()
  if (stage.stopsItself) signal.addEventListener('abort', stop, { once: true })
  try {
    const options = { transfer: [news.port], ...(!stage.stopsItself && { signal }) }
    return await pool.run('workOnShard', task, options)
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
    news.close()
  }
}
