import { once } from 'node:events'
import { Command, Option } from 'commander'
import { browse } from '../browser/browse.js'
import { shortPath } from '../io/index.js'
import { consoleLog } from './console-log.js'
import { datasetsFlag, gather, wholeNumber } from './option-values.js'
import { printResult } from './print-result.js'
import { stopSignal } from './stop-signal.js'

interface BrowseFlags {
  datasets?: string
  review?: string[]
  embeddings?: string
  port: number
  json?: true
}

/** `facedata browse DATASET...` */
export function browseCommand(): Command {
  return new Command('browse')
    .description('look at datasets in a web browser on this machine, and decide doubtful cases')
    .argument('<DATASET...>', 'names, folders or .rec files')
    .option(
      '--review <FILE>',
      'decide what a dry run found: OUTPUT.matches.csv of merge, report.csv of clean (can be repeated)',
      gather,
    )
    .option(
      '--embeddings <FILE.arrow|FOLDER>',
      'embeddings for the order by similarity (default: .embeddings in the datasets folder)',
    )
    .addOption(
      new Option('--port <N>', 'port of this machine to listen on')
        .argParser(wholeNumber({ from: 0, to: 65_535 }))
        .default(0, 'any that is free'),
    )
    .option(...datasetsFlag)
    .option('--json', 'print the address and the files of answers as JSON on standard output')
    .action(async (names: string[], { review: reviews, json, ...options }: BrowseFlags) => {
      const signal = stopSignal()
      const browsing = await browse(names, {
        ...options,
        ...(reviews !== undefined && { reviews }),
        log: consoleLog,
        signal,
      })
      const { url, answers } = browsing
      printResult({ url, answers }, json, () => [
        url,
        ...answers.map((path) => `answers: ${shortPath(path)}`),
        'Ctrl-C ends it',
      ])
      if (!signal.aborted) await once(signal, 'abort')
      await browsing.close()
    })
}
