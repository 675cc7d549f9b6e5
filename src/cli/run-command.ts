import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import { runStage } from '../cluster/local.js'
import { shortPath } from '../io/index.js'
import {
  describePipeline,
  loadPipeline,
  runPipeline,
  type StepResult,
  selectSteps,
} from '../pipeline/index.js'
import { loadStage, stageNames } from '../stages/registry.js'
import { consoleLog } from './console-log.js'
import { consoleProgress } from './console-progress.js'
import { printResult } from './print-result.js'
import { parseJobs } from './stage-command.js'
import { stopSignal } from './stop-signal.js'

interface RunFlags {
  jobs: number
  until?: string
  dryRun?: true
  json?: true
}

/** `facedata run PIPELINE.yaml`: every step of a pipeline, in the order of what they read and write. */
export function runCommand(): Command {
  const command = new Command('run')
    .description(
      'run the steps of a pipeline, each of them every time, in the order of what they read and write',
    )
    .argument('<PIPELINE.yaml>', 'see pipelines/ for examples')
    .option('-j, --jobs <N>', 'worker threads of each step', parseJobs, availableParallelism())
    .option('--until <STEP>', 'run only this step, named by its output, and what it needs')
    .option('--dry-run', 'print the steps and what each reads and writes; run nothing')
    .option('--json', 'print the results of the steps as JSON on standard output')
    .action(async (path: string, flags: RunFlags) => {
      const pipeline = await loadPipeline(path, { stageNames, loadStage })
      if (flags.dryRun) {
        const steps = selectSteps(pipeline, flags.until)
        const planned = steps.map(({ name, stage, inputs, output }) => ({
          step: name,
          stage: stage.name,
          inputs,
          output,
        }))
        printResult({ steps: planned }, flags.json, () => describePipeline(steps))
        return
      }
      const signal = stopSignal()
      const results = await runPipeline(pipeline, {
        ...(flags.until === undefined ? {} : { until: flags.until }),
        signal,
        log: consoleLog,
        runStage: (stage, options, { strict, jobs, replace }) =>
          runStage(stage, options, {
            jobs: jobs ?? flags.jobs,
            strict,
            replace,
            log: consoleLog,
            progress: consoleProgress(),
            signal,
          }),
      })
      const table = await summaryTable(results)
      printResult({ steps: results }, flags.json, () => table)
    })
  return command
}

/** One row a step: what it did, and where that lies. */
async function summaryTable(results: StepResult[]): Promise<string[]> {
  const rows: [string, string, string][] = [['STEP', 'RESULT', 'WROTE']]
  for (const { stage, result, output } of results) {
    rows.push([
      stage,
      (await loadStage(stage)).describe(result)[0] ?? '',
      output === undefined ? '' : shortPath(output),
    ])
  }
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length))
  return rows.map(([step, news, path]) => `${step.padEnd(width(0))}  ${news.padEnd(width(1))}  ${path}`)
}
