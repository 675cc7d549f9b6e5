import { Command } from 'commander'
import { describeCounts, describeIdentityChange, describeImageChange } from '../inspections/diff/describe.js'
import { Difference } from '../inspections/diff/diff.js'
import { datasetsFlag } from './option-values.js'
import { standardOutput as output } from './standard-output.js'
import { stopSignal } from './stop-signal.js'

interface DiffFlags {
  datasets?: string
  json?: true
}

/** `facedata diff A B`: exit code 0 whether they differ or not. */
export function diffCommand(): Command {
  return new Command('diff')
    .description('show the identities and images that differ between two datasets (reads only)')
    .argument('<A>', 'name or folder of the earlier dataset')
    .argument('<B>', 'name or folder of the later dataset')
    .option(...datasetsFlag)
    .option('--json', 'print the result as JSON on standard output')
    .action(async (a: string, b: string, { json, ...options }: DiffFlags) => {
      const signal = stopSignal()
      const found = await Difference.find(a, b, { ...options, signal })
      try {
        await (json ? printJson : printLines)(found, signal)
      } finally {
        await found.close()
      }
    })
}

async function printLines(found: Difference, signal: AbortSignal): Promise<void> {
  output.writeLines(describeCounts(found.counts))
  for (const change of found.identities()) output.writeLines([describeIdentityChange(change)])
  for await (const change of found.images(signal)) output.writeLines([describeImageChange(change)])
  output.flush()
}

/** The counts, then both lists as they are read: there may be millions of changes, so none is kept. */
async function printJson(found: Difference, signal: AbortSignal): Promise<void> {
  output.write(JSON.stringify(found.counts, null, 2).slice(0, -2))
  for (const [name, changes] of [
    ['identityChanges', found.identities()],
    ['imageChanges', found.images(signal)],
  ] as const) {
    let separator = '\n    '
    output.write(`,\n  "${name}": [`)
    for await (const change of changes) {
      output.write(`${separator}${JSON.stringify(change)}`)
      separator = ',\n    '
    }
    output.write(separator.startsWith(',') ? '\n  ]' : ']')
  }
  output.write('\n}\n')
  output.flush()
}
