import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { writeManifests } from '../cluster/kubernetes/write-manifests.js'
import { type ClusterPlan, readPlan } from '../cluster/plan-file.js'
import { followJobs } from '../cluster/slurm/follow.js'
import { readSubmission, type Submission } from '../cluster/slurm/submission.js'
import { submitToSlurm } from '../cluster/slurm/submit.js'
import { ExitCode, FacedataError, InterruptedError, UsageError } from '../errors/index.js'
import { shortPath } from '../io/index.js'
import { shellWord } from '../terminal/index.js'
import { consoleLog } from './console-log.js'
import { consoleProgress } from './console-progress.js'
import { gather, parseCount, wholeNumber } from './option-values.js'
import { printResult } from './print-result.js'
import { stopSignal } from './stop-signal.js'

interface SubmitFlags {
  to: 'slurm' | 'kubernetes'
  throttle?: number
  retries: number
  cpus?: number
  memory?: string
  partition?: string
  time?: string
  finishCpus?: number
  finishMemory?: string
  finishTime?: string
  account?: string
  sbatchOption?: string[]
  detach?: true
  image?: string
  volume?: string[]
  namespace?: string
  json?: true
}

/** `facedata submit plan.json --to slurm`: all of a plan, on a cluster. */
export function submitCommand(): Command {
  return new Command('submit')
    .description('run a plan on Slurm until it is joined, or write manifests for Kubernetes')
    .argument('<PLAN>', 'plan.json of facedata plan')
    .addOption(new Option('--to <CLUSTER>', 'where').choices(['slurm', 'kubernetes']).makeOptionMandatory())
    .option('--throttle <K>', 'tasks that run at a time at most', parseCount)
    .option(
      '--retries <N>',
      'how often shards that are not done are tried again',
      wholeNumber({ from: 0 }),
      2,
    )
    .option('--cpus <N>', 'processors of a task that works on shards', parseCount)
    .option('--memory <SIZE>', 'memory of such a task, as 4G for Slurm and 4Gi for Kubernetes')
    .option('--finish-cpus <N>', 'processors of the job that joins the shards', parseCount)
    .option('--finish-memory <SIZE>', 'memory of that job')
    .option('--partition <NAME>', 'Slurm: partition')
    .option('--time <LIMIT>', 'Slurm: time limit of a task that works on shards, as 2:00:00')
    .option('--finish-time <LIMIT>', 'Slurm: time limit of the job that joins the shards')
    .option('--account <NAME>', 'Slurm: account')
    .option(
      '--sbatch-option <WORD>',
      'Slurm: any other option of sbatch, as --sbatch-option=--qos=high',
      gather,
    )
    .option('--detach', 'Slurm: return at once; the same command without it follows')
    .option('--image <IMAGE>', 'Kubernetes: container image with this version of facedata')
    .option(
      '--volume <FROM:/path>',
      'Kubernetes: claim, or folder of the node, with plan, inputs and output under the same paths as here',
      gather,
    )
    .option('--namespace <NAME>', 'Kubernetes: namespace')
    .option('--json', 'print jobs and how they ended, or files and commands, as JSON on standard output')
    .action(async (path: string, flags: SubmitFlags) => {
      const plan = await readPlan(resolve(path))
      if (flags.to === 'kubernetes') await toKubernetes(plan, flags)
      else await toSlurm(plan, flags)
    })
}

async function toSlurm(plan: ClusterPlan, flags: SubmitFlags): Promise<void> {
  refuse(flags, 'slurm', ['image', 'volume', 'namespace'])
  const { throttle, retries, partition, account, sbatchOption = [], detach } = flags
  const { cpus, memory, time, finishCpus, finishMemory, finishTime } = flags
  const settings = {
    retries,
    sbatchOptions: sbatchOption,
    work: given({ time, memory, cpus }),
    finish: given({ time: finishTime, memory: finishMemory, cpus: finishCpus }),
    ...(throttle !== undefined && { throttle }),
    ...(partition !== undefined && { partition }),
    ...(account !== undefined && { account }),
  }
  const program = [process.execPath, realpathSync(process.argv[1]!)]
  const { submission, wasRunning } = await submitToSlurm(plan, settings, program)
  const command = `facedata submit ${shellWord(shortPath(plan.path))} --to slurm`
  consoleLog.info(describeJobs(submission, wasRunning))
  if (detach) {
    const { work, finish } = submission.attempts.at(-1)!
    printResult({ work, finish }, flags.json, () => [
      `follow them: ${command}`,
      `cancel them: scancel ${jobsOf(submission)}`,
    ])
    return
  }
  try {
    const outcome = await followJobs(plan, submission, {
      log: consoleLog,
      progress: consoleProgress(),
      signal: stopSignal(),
    })
    if (outcome.exitCode === ExitCode.done) printResult(outcome, flags.json, () => [outcome.text.trimEnd()])
    else throw new FacedataError(outcome.text, outcome.exitCode as ExitCode)
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error
    const { exitCode } = error
    const jobs = jobsOf((await readSubmission(plan)) ?? submission)
    const message = `no longer followed, but the jobs go on. Follow them again: ${command}. Cancel them: scancel ${jobs}`
    throw new FacedataError(message, exitCode)
  }
}

async function toKubernetes(plan: ClusterPlan, flags: SubmitFlags): Promise<void> {
  refuse(flags, 'kubernetes', ['partition', 'time', 'finishTime', 'account', 'sbatchOption', 'detach'])
  const { image, volume = [], throttle, retries, namespace } = flags
  const { cpus, memory, finishCpus, finishMemory } = flags
  if (image === undefined || volume.length === 0) {
    throw new UsageError('--to kubernetes needs --image IMAGE and --volume CLAIM:/path')
  }
  const written = await writeManifests(plan, {
    image,
    volumes: volume,
    retries,
    work: given({ cpus, memory }),
    finish: given({ cpus: finishCpus, memory: finishMemory }),
    ...(throttle !== undefined && { throttle }),
    ...(namespace !== undefined && { namespace }),
  })
  const { work, finish, commands } = written
  printResult(written, flags.json, () => [
    `wrote ${shortPath(work)} and ${shortPath(finish)}. Apply them:`,
    ...commands,
  ])
}

function refuse(flags: SubmitFlags, to: string, names: (keyof SubmitFlags)[]): void {
  const given = names.find((name) => flags[name] !== undefined)
  if (given === undefined) return
  const option = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new UsageError(`--${option} has no meaning with --to ${to}`)
}

/** Without the limits that were not given. */
function given<T extends object>(limits: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(limits).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

function describeJobs({ attempts }: Submission, wasRunning: boolean): string {
  const { work, finish } = attempts.at(-1)!
  const array = work === undefined ? '' : `array job ${work} works on the shards, and `
  return `${wasRunning ? 'submitted earlier: ' : 'submitted: '}${array}job ${finish} joins them`
}

function jobsOf({ attempts }: Submission): string {
  const { work, finish } = attempts.at(-1)!
  return work === undefined ? finish : `${work} ${finish}`
}
