import { Command } from 'commander'
import { adopt, describeAdoption } from '../repairs/adopt/adopt.js'
import { consoleLog } from './console-log.js'
import { consoleProgress } from './console-progress.js'
import { datasetsFlag } from './option-values.js'
import { printResult } from './print-result.js'
import { stopSignal } from './stop-signal.js'

interface AdoptFlags {
  datasets?: string
  strict?: true
  json?: true
}

/** `facedata adopt DATASET` */
export function adoptCommand(): Command {
  return new Command('adopt')
    .description(
      'describe a dataset of another tool: writes the files that it lacks, touches none that it has',
    )
    .argument('<DATASET>', 'name, folder or .rec file')
    .option('--strict', 'fail with exit code 5, and write nothing, if anything is skipped')
    .option(...datasetsFlag)
    .option('--json', 'print the result as JSON on standard output')
    .action(async (dataset: string, { json, ...options }: AdoptFlags) => {
      const adoption = await adopt(dataset, {
        ...options,
        log: consoleLog,
        progress: consoleProgress(),
        signal: stopSignal(),
      })
      printResult(adoption, json, () => describeAdoption(adoption))
    })
}
