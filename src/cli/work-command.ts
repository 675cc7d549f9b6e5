import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { readPlan } from '../cluster/plan-file.js'
import { shardsOfTask } from '../cluster/task-shards.js'
import { threadsOfTask } from '../cluster/task-threads.js'
import { type ShardWork, workOnPlan } from '../cluster/work-on-plan.js'
import { FacedataError } from '../errors/index.js'
import { loadStage } from '../stages/registry.js'
import { consoleLog } from './console-log.js'
import { consoleProgress } from './console-progress.js'
import { parseCount } from './option-values.js'
import { printResult } from './print-result.js'
import { stopSignal } from './stop-signal.js'

interface WorkFlags {
  shard?: string
  perTask: number
  jobs: number
  json?: true
}

/** `facedata work plan.json --shard I`: what one task of a cluster runs. */
export function workCommand(): Command {
  return new Command('work')
    .description('work on shards of a plan; those that are done already are passed over')
    .argument('<PLAN>', 'plan.json of facedata plan')
    .option(
      '--shard <I>',
      'shards from 0, as 3 or 0-3,7 (default: by $SLURM_ARRAY_TASK_ID or $JOB_COMPLETION_INDEX)',
    )
    .option('--per-task <N>', 'shards of one task of an array job', parseCount, 1)
    .addOption(
      new Option('-j, --jobs <N>', 'threads of a shard that runs a model')
        .argParser(parseCount)
        .default(threadsOfTask(process.env), '$SLURM_CPUS_PER_TASK, else all'),
    )
    .option('--json', 'print what became of each shard as JSON on standard output')
    .action(async (path: string, { shard, perTask, jobs, json }: WorkFlags) => {
      const plan = await readPlan(resolve(path))
      const place = { ...(shard !== undefined && { shard }), perTask, environment: process.env }
      const shards = shardsOfTask(place, plan.shards.length)
      const job = jobName(process.env)
      const works = await workOnPlan(plan, await loadStage(plan.stage), shards, {
        jobs,
        log: consoleLog,
        progress: consoleProgress(),
        signal: stopSignal(),
        ...(job !== undefined && { job }),
      })
      const told = works.map(({ error, ...work }) => ({ ...work, ...(error && { error: error.message }) }))
      printResult({ shards: told }, json, () => works.map(describeWork))
      throwFirst(works)
    })
}

/** How the logs of Slurm's array tasks are named. */
function jobName(environment: NodeJS.ProcessEnv): string | undefined {
  const { SLURM_ARRAY_JOB_ID: job, SLURM_ARRAY_TASK_ID: task } = environment
  return job === undefined || task === undefined ? undefined : `${job}_${task}`
}

function describeWork({ shard, wasDone, error }: ShardWork): string {
  if (error !== undefined) return `shard ${shard} failed`
  return `shard ${shard} ${wasDone ? 'was done already' : 'is done'}`
}

function throwFirst(works: ShardWork[]): void {
  const failed = works.filter(({ error }) => error !== undefined)
  if (failed.length === 0) return
  const [{ shard, error }] = failed as [ShardWork]
  // One that nobody raised on purpose is told with its stack.
  if (!(error instanceof FacedataError)) throw error
  const more = failed.length === 1 ? '' : ` (and ${failed.length - 1} other shards failed)`
  throw new FacedataError(`shard ${shard}: ${error.message}${more}`, error.exitCode)
}
