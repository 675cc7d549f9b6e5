import { setMaxListeners } from 'node:events'
import { datasetsFolder } from '../dataset/index.js'
import { ExitCode, FacedataError, UsageError } from '../errors/index.js'
import type { Log } from '../progress/progress.js'
import { KnownContents } from './contents/known-contents.js'
import { deadlineSignal } from './deadline.js'
import { stepsUntil } from './graph.js'
import { lockDatasets } from './lock.js'
import type { Pipeline } from './pipeline.js'
import { Redaction } from './redaction.js'
import { schedule } from './schedule.js'
import type { Step } from './step.js'
import { readRecord, recordsFolder, type StepRecord } from './step-record.js'
import { type Made, type RunStage, StepRunner } from './step-runner.js'
import { newSummary, type PipelineSummary, type StepSummary, writeSummary } from './summary.js'

/** Which steps of a pipeline are taken, and what is believed of their artifacts. */
export interface PipelineSelection {
  /** Name of the last step wanted: it is taken with all that it needs, and the others are not. */
  until?: string | undefined
  /** Names of steps that run even if they are fresh. */
  force?: readonly string[] | undefined
  /** Read every artifact again, whatever sizes and times say of it. */
  reread?: boolean | undefined
  signal: AbortSignal
}

export interface PipelineRun extends PipelineSelection {
  /** Runs one stage; several at once. Outputs that exist are replaced. */
  runStage: RunStage
  /** Worker threads of all steps together. */
  jobs: number
  /** From then on no step starts, and running ones are stopped cleanly. */
  deadline?: Date | undefined
  /** File of the summary; without it, below `.pipelines/runs` in the datasets folder. */
  summary?: string | undefined
  log: Log
}

/** The summary of a run, and where it was written; else why it could not be, which is logged too. */
export type PipelineOutcome = { summary: PipelineSummary } & (
  | { file: string; unwritten?: undefined }
  | { file?: undefined; unwritten: string }
)

/** The steps that a selection takes, in order. @throws UsageError for a name that is not there */
export function selectSteps(pipeline: Pipeline, { until, force = [] }: Partial<PipelineSelection>): Step[] {
  const steps = until === undefined ? pipeline.steps : stepsUntil(pipeline.path, pipeline.steps, until)
  for (const name of force) {
    if (steps.some((step) => step.name === name)) continue
    const names = steps.map((step) => step.name).join(', ')
    throw new UsageError(`${pipeline.path}: --force: there is no step "${name}". Steps: ${names}`)
  }
  return steps
}

/** What all steps wrote down when they ran last. */
export async function knownContents(folder: string, steps: Step[]): Promise<KnownContents> {
  const known = new KnownContents()
  const records = await Promise.all(steps.map((step) => readRecord(folder, step)))
  known.addRecords(records.filter((record): record is StepRecord => record !== undefined))
  return known
}

/**
 * Runs the steps that are not fresh, each after what it needs, side by side within `jobs`, under the lock of the
 * datasets folder. A step that fails stops what depends on it; other branches go on. Failures are in the summary, whose
 * exit code is that of the first one; nothing of it, of the log and of errors shows a value from the environment.
 * @throws LockedError where another run holds the lock; UsageError, OutputError
 */
export async function runPipeline(pipeline: Pipeline, run: PipelineRun): Promise<PipelineOutcome> {
  const redaction = new Redaction(pipeline.variables)
  try {
    return await new PipelineRunner(pipeline, run, redaction).run()
  } catch (error) {
    throw redaction.error(error)
  }
}

class PipelineRunner {
  readonly #pipeline: Pipeline
  readonly #run: PipelineRun
  readonly #redaction: Redaction
  readonly #steps: Step[]
  readonly #summary: PipelineSummary
  readonly #log: Log
  readonly #entries = new Map<Step, StepSummary>()

  constructor(pipeline: Pipeline, run: PipelineRun, redaction: Redaction) {
    this.#pipeline = pipeline
    this.#run = run
    this.#redaction = redaction
    this.#steps = selectSteps(pipeline, run)
    this.#summary = newSummary(pipeline.path, pipeline.name, new Date())
    const log = redaction.log(run.log)
    this.#log = {
      info: log.info,
      warn: (message, fields) => {
        this.#summary.warnings.push(message)
        log.warn(message, fields)
      },
    }
  }

  async run(): Promise<PipelineOutcome> {
    const datasets = datasetsFolder(this.#pipeline.datasets)
    const lock = await lockDatasets(datasets, this.#pipeline.path, this.#log)
    try {
      await this.#runSteps(datasets)
      return await this.#end(datasets)
    } finally {
      await lock.release()
    }
  }

  async #runSteps(datasets: string): Promise<void> {
    const { signal: stop, deadline, jobs, reread = false } = this.#run
    const clock = deadline && deadlineSignal(deadline)
    const signal = clock === undefined ? stop : AbortSignal.any([stop, clock.signal])
    // One listener for each shard that waits: not a leak.
    setMaxListeners(0, signal)
    const folder = recordsFolder(datasets)
    const known = await knownContents(folder, this.#steps)
    const log = this.#log
    const runStage: RunStage = (stage, options, settings) =>
      this.#run.runStage(stage, options, { ...settings, step: this.#redaction.text(settings.step) })
    const runner = new StepRunner({ folder, known, reread, signal, runStage, mostJobs: jobs, log })
    try {
      await schedule(this.#steps, {
        jobs,
        signal,
        work: {
          look: async (step) => {
            const { outcome } = await this.#attempt(step, signal, () => this.#look(runner, step))
            if (outcome === 'not run') return 'run'
            return outcome === 'fresh' ? 'fresh' : 'failed'
          },
          run: async (step, threads) => {
            const { outcome } = await this.#attempt(step, signal, () => runner.run(step, threads))
            return outcome === 'done' ? 'done' : 'failed'
          },
          passOver: (step, cause) => {
            const reason = cause === undefined ? messageOf(signal.reason) : `it needs ${cause.name}`
            this.#entry(step).reasons = [reason]
          },
        },
      })
      const isCut =
        [...this.#entries.values()].some(({ outcome }) => outcome === 'stopped') || this.#hasLeft()
      if (signal.aborted && isCut) this.#fail(signal.reason)
    } finally {
      clock?.close()
    }
  }

  /** What became of the step, undefined where it must run. */
  async #look(runner: StepRunner, step: Step): Promise<Made | undefined> {
    const entry = this.#entry(step)
    entry.reasons = await runner.look(step, this.#run.force?.includes(step.name) ?? false)
    const number = `[${this.#steps.indexOf(step) + 1}/${this.#steps.length}] ${step.stage.name} ${step.name}`
    const fields = { step: step.name, stage: step.stage.name }
    if (entry.reasons.length > 0) {
      this.#log.info(`${number}: ${entry.reasons.join('; ')}`, fields)
      return undefined
    }
    this.#log.info(`${number}: fresh`, fields)
    return runner.takeFresh(step)
  }

  /** Does something with a step and notes what came of it. */
  async #attempt(
    step: Step,
    signal: AbortSignal,
    action: () => Promise<Made | undefined>,
  ): Promise<StepSummary> {
    const entry = this.#entry(step)
    const began = performance.now()
    try {
      const made = await action()
      if (made !== undefined) this.#note(step, entry, made)
    } catch (error) {
      entry.outcome = signal.aborted ? 'stopped' : 'failed'
      entry.error = messageOf(signal.aborted ? signal.reason : error)
      if (entry.outcome === 'failed') this.#fail(error)
      const { path } = this.#pipeline
      this.#log.warn(
        `${path}: line ${step.line}: ${step.stage.name} ${step.name} ${entry.outcome}: ${entry.error}`,
      )
    }
    entry.seconds += (performance.now() - began) / 1000
    return entry
  }

  #note(step: Step, entry: StepSummary, { measures, skipped, described, ...rest }: Made): void {
    entry.outcome = 'result' in rest ? 'done' : 'fresh'
    entry.counts = measures
    entry.skipped = skipped
    entry.described = described
    if ('result' in rest) {
      entry.result = rest.result
      for (const line of described) this.#log.info(`${step.name}: ${line}`)
    }
  }

  #entry(step: Step): StepSummary {
    const { name, stage, line, output } = step
    const found = this.#entries.get(step) ?? {
      step: name,
      stage: stage.name,
      line,
      ...(output.temporary ? {} : { output: output.path }),
      outcome: 'not run' as const,
      reasons: [],
      seconds: 0,
      counts: {},
      skipped: 0,
      described: [],
    }
    this.#entries.set(step, found)
    return found
  }

  #hasLeft(): boolean {
    return this.#steps.some((step) => this.#entry(step).outcome === 'not run')
  }

  /** The first failure gives the exit code. */
  #fail(error: unknown): void {
    if (this.#summary.exitCode !== ExitCode.done) return
    this.#summary.exitCode = error instanceof FacedataError ? error.exitCode : ExitCode.failed
  }

  async #end(datasets: string): Promise<PipelineOutcome> {
    const ended = new Date()
    const summary = this.#redaction.json<PipelineSummary>({
      ...this.#summary,
      ended: ended.toISOString(),
      seconds: (ended.getTime() - Date.parse(this.#summary.began)) / 1000,
      steps: this.#steps.map((step) => this.#entry(step)),
    })
    try {
      return { summary, file: await writeSummary(summary, { datasets, file: this.#run.summary }) }
    } catch (error) {
      const unwritten = this.#redaction.text(`the summary was not written: ${messageOf(error)}`)
      this.#log.warn(unwritten)
      return { summary, unwritten }
    }
  }
}

/** An error that nobody raised on purpose is shown with where it came from. */
function messageOf(error: unknown): string {
  if (error instanceof FacedataError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
