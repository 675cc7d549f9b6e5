import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import { runStage } from '../cluster/local.js'
import { type ExitCode, FacedataError } from '../errors/index.js'
import { shortPath } from '../io/index.js'
import {
  describePlan,
  describeTrouble,
  loadPipeline,
  type PipelineSelection,
  parseDeadline,
  planPipeline,
  runPipeline,
  summaryTable,
} from '../pipeline/index.js'
import { silentLog, silentProgress } from '../progress/progress.js'
import { loadStage, stageNames } from '../stages/registry.js'
import { consoleLog } from './console-log.js'
import { consoleProgress } from './console-progress.js'
import { gather, parseCount } from './option-values.js'
import { printResult } from './print-result.js'
import { ProgressTurns } from './progress-turns.js'
import { stopSignal } from './stop-signal.js'

interface RunFlags {
  jobs: number
  until?: string
  force?: string[]
  rehash?: true
  deadline?: string
  dryRun?: true
  quiet?: true
  summary?: string
  json?: true
}

/** `facedata run PIPELINE.yaml`: the steps of a pipeline whose artifact is not fresh. */
export function runCommand(): Command {
  const command = new Command('run')
    .description(
      'run the steps of a pipeline whose inputs or options changed, in the order of what they read and write',
    )
    .argument('<PIPELINE.yaml>', 'see pipelines/ for examples')
    .option('-j, --jobs <N>', 'worker threads of all steps together', parseCount, availableParallelism())
    .option('--until <STEP>', 'take only this step, named by its output, and what it needs')
    .option('--force <STEP>', 'run this step even if it is fresh (repeatable)', gather)
    .option('--rehash', 'read every artifact again, in place of trusting size and time of its files')
    .option(
      '--deadline <TIME>',
      'start nothing and stop what runs at 06:00, after 5h30m, or at 2026-01-31T06:00: exit code 6',
    )
    .option('--dry-run', 'print each step with the reason why it would run; run nothing')
    .option('--quiet', 'print nothing when all is well, and one paragraph when not')
    .option('--summary <FILE>', 'write the summary there (default: .pipelines/runs in the datasets folder)')
    .option('--json', 'print the summary, or the plan, as JSON on standard output')
    .action(run)
  return command
}

async function run(path: string, flags: RunFlags): Promise<void> {
  const deadline = flags.deadline === undefined ? undefined : parseDeadline(flags.deadline)
  const pipeline = await loadPipeline(path, { stageNames, loadStage })
  const signal = stopSignal()
  const selection: PipelineSelection = {
    until: flags.until,
    force: flags.force,
    reread: flags.rehash,
    signal,
  }
  if (flags.dryRun) {
    const plan = await planPipeline(pipeline, selection)
    printResult({ steps: plan }, flags.json, () => describePlan(plan))
    return
  }
  const turns = new ProgressTurns(flags.quiet ? silentProgress : consoleProgress())
  const { summary, file, unwritten } = await runPipeline(pipeline, {
    ...selection,
    jobs: flags.jobs,
    deadline,
    summary: flags.summary,
    log: flags.quiet ? silentLog : consoleLog,
    runStage: (stage, options, { step, mostJobs, ...settings }) =>
      runStage(stage, options, { ...settings, shardsFor: mostJobs, progress: turns.progressOf(step) }),
  })
  if (flags.json || !flags.quiet) printResult(summary, flags.json, () => summaryTable(summary))
  if (flags.quiet && unwritten !== undefined) consoleLog.warn(unwritten)
  const trouble = describeTrouble(summary, file)
  if (trouble !== undefined) throw new FacedataError(trouble, summary.exitCode as ExitCode)
  if (!flags.quiet && file !== undefined) consoleLog.info(`summary: ${shortPath(file)}`)
}
