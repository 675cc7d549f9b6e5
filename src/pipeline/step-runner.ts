import { join } from 'node:path'
import { findDatasetFiles, readDescription, TOOL } from '../dataset/index.js'
import { FacedataError } from '../errors/index.js'
import type { Log } from '../progress/progress.js'
import type { Approve, Measures } from '../stages/measures.js'
import type { AnyStage } from '../stages/stage.js'
import { contentOf } from './contents/content.js'
import { checkExpectations } from './expectation.js'
import { checkFreeSpace } from './free-space.js'
import { artifactsOf, type Look, type LookSettings, lookAt } from './freshness.js'
import type { Step, StepRun } from './step.js'
import { type RecordedContent, readRecord, type StepRecord, writeRecord } from './step-record.js'

/** How a stage of a pipeline is run. */
export interface StageSettings extends Pick<StepRun, 'strict'> {
  /** Name of the step, for what is shown of several at once. */
  step: string
  /** Outputs that exist are replaced. */
  replace: true
  /** Worker threads. */
  jobs: number
  /**
   * Threads that the whole pipeline may use: the work is cut for these, so that a step that was stopped finds its
   * shards again when it runs beside other steps.
   */
  mostJobs: number
  log: Log
  signal: AbortSignal
  approve: Approve
}

export type RunStage = (stage: AnyStage, options: unknown, settings: StageSettings) => Promise<unknown>

/** What a step made, or had made before. */
export type Made = Pick<StepRecord, 'measures' | 'skipped' | 'described'> & { result?: unknown }

export interface StepRunnerOptions extends LookSettings {
  /** Of the step records. */
  folder: string
  runStage: RunStage
  mostJobs: number
  log: Log
}

/** Looks at the steps of a pipeline and runs them, one at a time or several. */
export class StepRunner {
  readonly #options: StepRunnerOptions
  readonly #looks = new Map<Step, { look: Look; record: StepRecord | undefined }>()

  constructor(options: StepRunnerOptions) {
    this.#options = options
  }

  /** Why a step must run; none where it is fresh. @param forced whatever it looks like */
  async look(step: Step, forced: boolean): Promise<string[]> {
    const record = await readRecord(this.#options.folder, step)
    const look = await lookAt(step, record, this.#options)
    this.#looks.set(step, { look, record })
    return forced ? ['forced', ...look.reasons] : look.reasons
  }

  /** What a fresh step made when it ran. @throws GuardError where that is not what is expected now */
  async takeFresh(step: Step): Promise<Made> {
    const { look, record } = this.#looks.get(step)!
    checkExpectations(step.expect, record!.measures, {})
    // Times that changed under the same bytes: the next run need not read them again.
    const { inputs, outputs } = look
    if (!isSame(record!, look)) await writeRecord(this.#options.folder, step, { ...record!, inputs, outputs })
    return record!
  }

  /** @throws GuardError, OutputError where there is no room; what the stage throws */
  async run(step: Step, jobs: number): Promise<Made> {
    const { look, record } = this.#looks.get(step)!
    const { runStage, log, signal, mostJobs } = this.#options
    await checkFreeSpace(step)
    const current = await currentMeasures(step, record)
    let measures: Measures = {}
    const result = await runStage(step.stage, step.options, {
      step: step.name,
      strict: step.run.strict,
      replace: true,
      jobs,
      mostJobs,
      log: {
        info: (message, fields) => log.info(`${step.name}: ${message}`, fields),
        warn: (message, fields) => log.warn(`${step.name}: ${message}`, fields),
      },
      signal,
      approve(found) {
        measures = found
        checkExpectations(step.expect, found, current)
      },
    })
    const made = { measures, skipped: skippedOf(result), described: step.stage.describe(result) }
    const { options, inputs } = look
    const outputs = await this.#written(step)
    await writeRecord(this.#options.folder, step, {
      format: 1,
      step: step.name,
      stage: step.stage.name,
      tool: TOOL,
      options,
      inputs,
      outputs,
      ...made,
    })
    return { ...made, result }
  }

  /** What a step just wrote: nothing that was known of its paths is true any more. */
  async #written(step: Step): Promise<RecordedContent[]> {
    const contents: RecordedContent[] = []
    for (const { path, kind } of artifactsOf(step)) {
      const content = await contentOf({ path, kind })
      if (content === undefined)
        throw new FacedataError(`${step.stage.name} ended well, and ${path} is not there`)
      this.#options.known.add(path, content)
      contents.push({ path, kind, ...content })
    }
    return contents
  }
}

function isSame(record: StepRecord, { inputs, outputs }: Look): boolean {
  return JSON.stringify([record.inputs, record.outputs]) === JSON.stringify([inputs, outputs])
}

/** Of what is published now: of a dataset by itself, else as it was when it was made. */
async function currentMeasures({ output }: Step, record: StepRecord | undefined): Promise<Measures> {
  if (output.kind !== 'dataset') return record?.measures ?? {}
  try {
    const { folder } = await findDatasetFiles(output.path)
    const { images, identities, emptyIdentities } = await readDescription(join(folder, 'dataset.json'))
    return { images, identities: identities - emptyIdentities }
  } catch {
    return record?.measures ?? {}
  }
}

function skippedOf(result: unknown): number {
  const { skipped } = (result ?? {}) as { skipped?: unknown }
  return typeof skipped === 'number' ? skipped : 0
}
