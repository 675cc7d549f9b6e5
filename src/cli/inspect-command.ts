import { Command, InvalidArgumentError } from 'commander'
import { describeInspection, inspect } from '../inspections/inspect.js'

interface InspectFlags {
  record?: number
  datasets?: string
  json?: true
}

/** `facedata inspect DATASET [--record K]` */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('show what a dataset holds (reads only)')
    .argument('<DATASET>', 'name or folder')
    .option('--record <KEY>', 'show the record with this key too', parseKey)
    .option(
      '--datasets <DIR>',
      'folder in which dataset names are looked up (default: $FACEDATA_DATASETS, else ./datasets)',
    )
    .option('--json', 'print the result as JSON on standard output')
    .action(async (dataset: string, { json, ...options }: InspectFlags) => {
      const found = await inspect(dataset, options)
      process.stdout.write(
        `${json ? JSON.stringify(found, null, 2) : describeInspection(found).join('\n')}\n`,
      )
    })
}

function parseKey(text: string): number {
  const key = Number(text)
  if (!Number.isInteger(key) || key < 0) throw new InvalidArgumentError('a key is a whole number from 0 up.')
  return key
}
