import { nearestWord, UsageError } from '../errors/index.js'
import { type AnyStage, outputPaths } from '../stages/stage.js'
import { orderSteps } from './graph.js'
import { readPipelineFile } from './pipeline-file.js'
import { resolveStep, type Step } from './step.js'

/** A pipeline that can run: every option checked, every input there or made by a step before. */
export interface Pipeline {
  path: string
  name: string
  datasets: string | undefined
  /** In the order in which they run. */
  steps: Step[]
}

/** Where stages come from. */
export interface StageSource {
  stageNames: readonly string[]
  loadStage(name: string): Promise<AnyStage>
}

/**
 * Reads and checks a pipeline. Relative paths in it are relative to the current directory, as they are on the command
 * line: a step can be copied from one to the other.
 * @throws UsageError naming file, line and key; InputError for an input that does not exist and that no step writes
 */
export async function loadPipeline(path: string, stages: StageSource): Promise<Pipeline> {
  const file = await readPipelineFile(path)
  const steps: Step[] = []
  for (const source of file.steps) {
    if (!stages.stageNames.includes(source.stage)) {
      throw new UsageError(
        `${path}: line ${source.line}: there is no stage "${source.stage}". ` +
          `The nearest is "${nearestWord(source.stage, stages.stageNames)}"`,
      )
    }
    steps.push(await resolveStep(file, source, await stages.loadStage(source.stage)))
  }
  return { path, name: file.name, datasets: file.datasets, steps: orderSteps(path, steps) }
}

/** What would run: one line a step, then what it reads and writes. */
export function describePipeline(steps: Step[]): string[] {
  return steps.flatMap((step, index) => [
    `${index + 1}. ${step.stage.name} ${step.name}`,
    ...step.inputs.map(({ kind, path }) => `     reads  ${kind} ${path}`),
    ...(step.output.temporary ? [] : outputPaths(step.output)).map(
      (path) => `     writes ${step.output.kind} ${path}`,
    ),
  ])
}
