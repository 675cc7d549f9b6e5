import { Command } from 'commander'
import { describeInspection, inspect } from '../inspections/inspect/inspect.js'
import { terminalStyle } from '../terminal/index.js'
import { consoleProgress } from './console-progress.js'
import { datasetsFlag, wholeNumber } from './option-values.js'
import { printResult } from './print-result.js'
import { stopSignal } from './stop-signal.js'

interface InspectFlags {
  record?: number
  datasets?: string
  json?: true
}

/** `facedata inspect DATASET|RUN|BIN [--record K]` */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('show what a dataset, a training run or a verification bin holds (reads only)')
    .argument('<DATASET|RUN|BIN>', 'dataset by name or path, folder of a run, or bin')
    .option('--record <KEY>', 'show the record of the dataset with this key too', wholeNumber({ from: 0 }))
    .option(...datasetsFlag)
    .option('--json', 'print the result as JSON on standard output')
    .action(async (path: string, { json, ...options }: InspectFlags) => {
      const found = await inspect(path, { ...options, progress: consoleProgress(), signal: stopSignal() })
      printResult(found, json, () => describeInspection(found, terminalStyle(process.stdout, process.env)))
    })
}
