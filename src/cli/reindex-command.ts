import { Command } from 'commander'
import { describeReindexing } from '../repairs/reindex/describe.js'
import { reindex } from '../repairs/reindex/reindex.js'
import { consoleLog } from './console-log.js'
import { consoleProgress } from './console-progress.js'
import { datasetsFlag } from './option-values.js'
import { printResult } from './print-result.js'
import { stopSignal } from './stop-signal.js'

interface ReindexFlags {
  datasets?: string
  strict?: true
  json?: true
}

/** `facedata reindex DATASET` */
export function reindexCommand(): Command {
  return new Command('reindex')
    .description('rebuild train.idx from the .rec file alone, without what is damaged (keeps the old one)')
    .argument('<DATASET>', 'name, folder or .rec file')
    .option('--strict', 'fail with exit code 5, and write nothing, if anything is lost')
    .option(...datasetsFlag)
    .option('--json', 'print the result as JSON on standard output')
    .action(async (dataset: string, { json, ...options }: ReindexFlags) => {
      const found = await reindex(dataset, {
        ...options,
        log: consoleLog,
        progress: consoleProgress(),
        signal: stopSignal(),
      })
      printResult(found, json, () => describeReindexing(found))
    })
}
