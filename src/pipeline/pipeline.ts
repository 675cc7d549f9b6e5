import { basename, dirname, join, resolve } from 'node:path'
import { datasetsFolder } from '../dataset/index.js'
import { nearestWord, UsageError } from '../errors/index.js'
import { type AnyStage, type Input, outputPaths } from '../stages/stage.js'
import { orderSteps } from './graph.js'
import { type PipelineFile, readPipelineFile } from './pipeline-file.js'
import { Redaction } from './redaction.js'
import { resolveStep, type Step } from './step.js'

/** A pipeline that can run: every option checked, every input there or made by a step before. */
export interface Pipeline {
  path: string
  name: string
  datasets: string | undefined
  /** In the order in which they run. */
  steps: Step[]
  /** What it took from the environment, values by name: shown nowhere. */
  variables: ReadonlyMap<string, string>
}

/** Where stages come from. */
export interface StageSource {
  stageNames: readonly string[]
  loadStage(name: string): Promise<AnyStage>
}

/**
 * Reads and checks a pipeline. Relative paths in it are relative to the current directory, as they are on the command
 * line: a step can be copied from one to the other.
 * @param environment where `${NAME}` in a value is looked up
 * @throws UsageError naming file, line and key; InputError for an input that does not exist and that no step writes
 */
export async function loadPipeline(
  path: string,
  stages: StageSource,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Pipeline> {
  const file = await readPipelineFile(path, environment)
  try {
    return await resolvePipeline(file, stages)
  } catch (error) {
    throw new Redaction(file.variables).error(error)
  }
}

async function resolvePipeline(file: PipelineFile, stages: StageSource): Promise<Pipeline> {
  const { path, name, datasets, variables } = file
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
  const placed = steps.map((step) => ({
    ...step,
    inputs: step.inputs.map((input) => asMade(input, step, steps)),
  }))
  return { path, name, datasets, steps: orderSteps(path, placed), variables }
}

/**
 * A name that a step makes is that dataset, though a folder of the name stands in the current folder and nothing in the
 * datasets folder yet: once it is made, it is what is found.
 */
function asMade(input: Input, { options }: Step, steps: Step[]): Input {
  if (input.kind !== 'dataset' || dirname(input.path) !== resolve()) return input
  const { datasets } = options as { datasets?: string }
  const named = join(datasetsFolder(datasets), basename(input.path))
  return steps.some(({ output }) => outputPaths(output).includes(named)) ? { ...input, path: named } : input
}
