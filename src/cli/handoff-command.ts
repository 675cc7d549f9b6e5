import { Command } from 'commander'
import { describeHandoff } from '../handoff/describe-handoff.js'
import { handoff } from '../handoff/handoff.js'
import { consoleLog } from './console-log.js'
import { datasetsFlag, gather } from './option-values.js'
import { printResult } from './print-result.js'

interface HandoffFlags {
  output: string
  set?: string[]
  datasets?: string
  replace?: true
  json?: true
}

/** `facedata handoff CONFIG [-o FOLDER]` */
export function handoffCommand(): Command {
  return new Command('handoff')
    .description(
      "check a config and its dataset, and write them for arcface_torch's train_v2.py: many machines",
    )
    .argument('<CONFIG>', 'training config, in YAML or a .py of arcface_torch')
    .option('-o, --output <FOLDER>', 'folder to write to: a clone of arcface_torch, or any other', 'handoff')
    .option('--set <KEY=VALUE>', 'a key of the config, set here: --set lr=0.2 (repeatable)', gather)
    .option(...datasetsFlag)
    .option('--replace', 'write over an earlier handoff')
    .option('--json', 'print the result as JSON on standard output')
    .action(async (config: string, { json, ...options }: HandoffFlags) => {
      const given = await handoff(config, { ...options, log: consoleLog })
      printResult(given, json, () => describeHandoff(given))
    })
}
