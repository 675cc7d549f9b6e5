import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import { runStage } from '../cluster/local.js'
import type { AnyStage } from '../stages/stage.js'
import { consoleLog } from './console-log.js'
import { consoleProgress } from './console-progress.js'
import { parseCount } from './option-values.js'
import { printResult } from './print-result.js'
import { resultLines } from './result-lines.js'
import { addStageOptions, readStageOptions } from './stage-options.js'
import { stopSignal } from './stop-signal.js'

/** Options that every stage has, because they say how it runs and not what it makes. */
interface RunFlags {
  jobs: number
  strict?: true
  replace?: true
  json?: true
}

/** The command of one stage: `facedata pack FOLDER... -o DATASET`. */
export function stageCommand(stage: AnyStage): Command {
  const command = new Command(stage.name).description(stage.summary)
  addStageOptions(command, stage)
  command
    .option('-j, --jobs <N>', 'worker threads', parseCount, availableParallelism())
    .option('--strict', 'fail with exit code 5, and publish nothing, if anything is skipped')
    .option('--replace', 'write over an output that exists')
    .option('--json', 'print the result as JSON on standard output')
    .action(async () => {
      const flags = command.opts<RunFlags>()
      const options = readStageOptions(command, stage)
      const result = await runStage(stage, options, {
        jobs: flags.jobs,
        strict: flags.strict === true,
        replace: flags.replace === true,
        log: consoleLog,
        progress: consoleProgress(),
        signal: stopSignal(),
      })
      printResult(result, flags.json, () => resultLines(stage, stage.output(options), result))
    })
  return command
}
