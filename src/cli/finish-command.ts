import { resolve } from 'node:path'
import { Command } from 'commander'
import { finishPlan } from '../cluster/finish-plan.js'
import { type ClusterPlan, readPlan } from '../cluster/plan-file.js'
import { resubmit } from '../cluster/slurm/finish-job.js'
import { writeOutcome } from '../cluster/slurm/submission.js'
import { threadsOfTask } from '../cluster/task-threads.js'
import { unfinishedError } from '../cluster/unfinished-shards.js'
import { ExitCode, FacedataError } from '../errors/index.js'
import { loadStage } from '../stages/registry.js'
import { consoleLog } from './console-log.js'
import { consoleProgress } from './console-progress.js'
import { parseCount } from './option-values.js'
import { resultLines } from './result-lines.js'
import { standardOutput } from './standard-output.js'
import { stopSignal } from './stop-signal.js'

interface FinishFlags {
  resubmit?: true
  jobs: number
  json?: true
}

/** What the command says at its end. `again`: shards were submitted once more, and another job will finish. */
interface Ending {
  text: string
  error?: Error
  again?: true
}

/** `facedata finish plan.json`: joins and publishes what the shards of a plan wrote. */
export function finishCommand(): Command {
  return new Command('finish')
    .description('check what the shards of a plan wrote, join it and publish it')
    .argument('<PLAN>', 'plan.json of facedata plan')
    .option('--resubmit', 'as the finish job of facedata submit: submit shards that are not done once more')
    .option('-j, --jobs <N>', 'threads', parseCount, threadsOfTask(process.env))
    .option('--json', 'print the result as JSON on standard output')
    .action(async (path: string, flags: FinishFlags) => {
      const plan = await readPlan(resolve(path))
      const ending = await finish(plan, flags).catch((error: Error): Ending => ({ text: '', error }))
      const { text, error, again } = ending
      standardOutput.write(text)
      standardOutput.flush()
      if (flags.resubmit && !again) await writeOutcome(plan, outcomeOf(ending))
      if (error !== undefined) throw error
    })
}

async function finish(plan: ClusterPlan, { resubmit: again, jobs, json }: FinishFlags): Promise<Ending> {
  const stage = await loadStage(plan.stage)
  const finished = await finishPlan(plan, stage, {
    jobs,
    log: consoleLog,
    progress: consoleProgress(),
    signal: stopSignal(),
  })
  if ('unfinished' in finished) {
    if (!again) throw unfinishedError(plan, finished.unfinished)
    return { text: `${await resubmit(plan, finished.unfinished)}\n`, again: true }
  }
  const { result } = finished
  const verdict = stage.verdict?.(result)
  const text = json
    ? `${JSON.stringify(result, null, 2)}\n`
    : `${resultLines(stage, plan.output, result).join('\n')}\n`
  return {
    text,
    ...(verdict !== undefined && { error: new FacedataError(verdict, ExitCode.inputData) }),
  }
}

function outcomeOf({ text, error }: Ending): { exitCode: number; text: string } {
  if (error === undefined) return { exitCode: ExitCode.done, text }
  const exitCode = error instanceof FacedataError ? error.exitCode : ExitCode.failed
  return { exitCode, text: text === '' ? error.message : `${text}${error.message}` }
}
