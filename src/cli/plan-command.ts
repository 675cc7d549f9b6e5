import { resolve } from 'node:path'
import { Command } from 'commander'
import { makePlan } from '../cluster/make-plan.js'
import type { ClusterPlan } from '../cluster/plan-file.js'
import { UsageError } from '../errors/index.js'
import { shortPath } from '../io/index.js'
import { loadStage, plannedNames } from '../stages/registry.js'
import type { AnyStage } from '../stages/stage.js'
import { countText, shellWord } from '../terminal/index.js'
import { consoleLog } from './console-log.js'
import { wholeNumber } from './option-values.js'
import { printResult } from './print-result.js'
import { addStageOptions, readStageOptions } from './stage-options.js'

interface PlanFlags {
  shards: number
  plan: string
  strict?: true
  replace?: true
  json?: true
}

/** More are no help: each is a task to be scheduled. */
const MOST_SHARDS = 1_000_000

/** `facedata plan STAGE ... --shards N -o plan.json`. @param name of the stage, as the command line has it */
export async function planCommand(name: string | undefined): Promise<Command> {
  const command = new Command('plan').description(
    'cut the work of a stage into shards, for many machines that share a file system; then work, finish, or submit',
  )
  if (name !== undefined && plannedNames.includes(name)) {
    return command.addCommand(stagePlanCommand(await loadStage(name)))
  }
  return command
    .argument('<STAGE>', `one of ${plannedNames.join(', ')}: facedata plan STAGE --help shows its options`)
    .allowUnknownOption()
    .allowExcessArguments()
    .action((given: string) => {
      throw new UsageError(
        `there is no stage "${given}". The stage comes first, then its options: facedata plan STAGE ... Stages: ${plannedNames.join(', ')}`,
      )
    })
}

function stagePlanCommand(stage: AnyStage): Command {
  const command = new Command(stage.name).description(stage.summary)
  addStageOptions(command, stage, 'long')
  return command
    .requiredOption(
      '--shards <N>',
      'pieces of nearly the same size',
      wholeNumber({ from: 1, to: MOST_SHARDS }),
    )
    .option('-o, --plan <FILE>', 'plan to write, on the shared file system', 'plan.json')
    .option('--strict', 'fail with exit code 5, and publish nothing, if anything is skipped')
    .option('--replace', 'write over an output that exists')
    .option('--json', 'print the plan as JSON on standard output')
    .action(async () => {
      const { shards, plan: path, strict, replace, json } = command.opts<PlanFlags>()
      const plan = await makePlan(stage, readStageOptions(command, stage), {
        path: resolve(path),
        shards,
        strict: strict === true,
        replace: replace === true,
        log: consoleLog,
      })
      printResult(plan, json, () => describePlan(plan))
    })
}

function describePlan({ path, stage, shards, amount }: ClusterPlan): string[] {
  const each =
    amount === undefined
      ? ''
      : ` of about ${countText(Math.round(amount.total / shards.length))} ${amount.unit}`
  const file = shellWord(shortPath(path))
  return [
    `planned ${stage}: ${countText(shards.length)} shards${each} → ${shortPath(path)}`,
    `  each: facedata work ${file} --shard I, or as a task of an array job; then: facedata finish ${file}`,
    `  or all of it: facedata submit ${file} --to slurm`,
  ]
}
