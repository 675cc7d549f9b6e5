import { datasetsFolder } from '../dataset/index.js'
import { outputPaths } from '../stages/stage.js'
import { lookAt } from './freshness.js'
import { neededBy } from './graph.js'
import type { Pipeline } from './pipeline.js'
import { Redaction } from './redaction.js'
import { knownContents, type PipelineSelection, selectSteps } from './run.js'
import type { Step } from './step.js'
import { readRecord, recordsFolder } from './step-record.js'

/** A step as it would be taken now. */
export interface PlannedStep {
  step: string
  stage: string
  line: number
  /** Why it would run; none where it is fresh. */
  reasons: string[]
  /** It runs only if a step before it makes something else than what stands there. */
  perhaps: boolean
  reads: { kind: string; path: string }[]
  writes: { kind: string; path: string }[]
  /** What must hold before it is published, as it is written. */
  expect: Record<string, string>
}

/** What a run would do, without doing any of it. @throws UsageError */
export async function planPipeline(pipeline: Pipeline, selection: PipelineSelection): Promise<PlannedStep[]> {
  const steps = selectSteps(pipeline, selection)
  const folder = recordsFolder(datasetsFolder(pipeline.datasets))
  const settings = {
    known: await knownContents(folder, steps),
    reread: selection.reread ?? false,
    signal: selection.signal,
  }
  const running = new Set<Step>()
  const planned: PlannedStep[] = []
  for (const step of steps) {
    const { reasons } = await lookAt(step, await readRecord(folder, step), settings)
    const follows = neededBy(step, steps).filter((need) => running.has(need))
    const own = [...(selection.force?.includes(step.name) ? ['forced'] : []), ...reasons]
    const all = [
      ...own,
      ...(follows.length === 0
        ? []
        : [`follows ${follows.map(({ name }) => name).join(', ')}, which will run`]),
    ]
    if (all.length > 0) running.add(step)
    planned.push({ ...placeOf(step), reasons: all, perhaps: own.length === 0 && all.length > 0 })
  }
  return new Redaction(pipeline.variables).json(planned)
}

/** One line a step with what it would do and why, then what it reads, writes and is expected to be. */
export function describePlan(planned: PlannedStep[]): string[] {
  return planned.flatMap(({ step, stage, reasons, perhaps, reads, writes, expect }, index) => [
    `${index + 1}. ${stage} ${step}: ${reasons.length === 0 ? 'fresh' : `${perhaps ? 'runs if need be' : 'runs'}: ${reasons.join('; ')}`}`,
    ...reads.map(({ kind, path }) => `     reads   ${kind} ${path}`),
    ...writes.map(({ kind, path }) => `     writes  ${kind} ${path}`),
    ...Object.entries(expect).map(([measure, text]) => `     expects ${measure} ${text}`),
  ])
}

function placeOf({ name, stage, line, inputs, output, expect }: Step) {
  return {
    step: name,
    stage: stage.name,
    line,
    reads: inputs.map(({ kind, path }) => ({ kind, path })),
    writes: output.temporary ? [] : outputPaths(output).map((path) => ({ kind: output.kind, path })),
    expect: Object.fromEntries(
      Object.entries(expect).flatMap(([measure, is]) => (is === undefined ? [] : [[measure, is.text]])),
    ),
  }
}
