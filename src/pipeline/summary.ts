import { readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { TOOL } from '../dataset/index.js'
import { removeTree, shortPath, writeFileAtomically } from '../io/index.js'
import type { Measures } from '../stages/measures.js'

/** What became of a step. `stopped`: it was told to, and goes on when it runs again. */
export type Outcome = 'done' | 'fresh' | 'failed' | 'stopped' | 'not run'

export interface StepSummary {
  step: string
  stage: string
  /** In the pipeline file. */
  line: number
  /** Undefined where the step publishes nothing. */
  output?: string
  outcome: Outcome
  /** Why it ran; of a step that did not, why not. */
  reasons: string[]
  seconds: number
  /** Of what it wrote, or of what stands there where it is fresh. */
  counts: Measures
  /** Images, photos or pairs that it left out. */
  skipped: number
  /** What it says of itself, for a person. */
  described: string[]
  error?: string
  /** The stage's own result, where it ran. */
  result?: unknown
}

/** What a run did: what `--json` prints, and the file that every run leaves. */
export interface PipelineSummary {
  pipeline: string
  name: string
  tool: string
  host: string
  pid: number
  /** ISO 8601. */
  began: string
  ended: string
  seconds: number
  exitCode: number
  warnings: string[]
  /** In their order in the pipeline's graph. */
  steps: StepSummary[]
}

/** Summaries that are kept of a pipeline. */
const KEPT = 100

export function newSummary(path: string, name: string, began: Date): PipelineSummary {
  return {
    pipeline: path,
    name,
    tool: TOOL,
    host: hostname(),
    pid: process.pid,
    began: began.toISOString(),
    ended: '',
    seconds: 0,
    exitCode: 0,
    warnings: [],
    steps: [],
  }
}

/** Where the summary of a run goes that does not say. */
export function summaryPath(datasets: string, { name, began }: PipelineSummary): string {
  const folder = name.replaceAll(/[^\w.+-]/g, '_').replace(/^\.+/, '_')
  return join(datasets, '.pipelines', 'runs', folder, `${began.replaceAll(':', '-')}.json`)
}

/** Writes a summary; of those in the datasets folder, the newest stay. @throws OutputError */
export async function writeSummary(
  summary: PipelineSummary,
  { datasets, file }: { datasets: string; file: string | undefined },
): Promise<string> {
  const path = file === undefined ? summaryPath(datasets, summary) : resolve(file)
  await writeFileAtomically(path, `${JSON.stringify(summary, null, 2)}\n`)
  if (file !== undefined) return path
  const names = (await readdir(dirname(path))).filter((name) => /^\d{4}-.*\.json$/.test(name)).sort()
  for (const name of names.slice(0, -KEPT)) await removeTree(join(dirname(path), name))
  return path
}

/** One row a step: what became of it, and where that lies. */
export function summaryTable({ steps }: PipelineSummary): string[] {
  const rows = [
    ['STEP', '', 'RESULT', 'WROTE'],
    ...steps.map(({ stage, outcome, described, error, reasons, output }) => [
      stage,
      outcome,
      error ?? (outcome === 'not run' ? reasons.join('; ') : (described[0] ?? '')),
      output === undefined ? '' : shortPath(output),
    ]),
  ]
  // An error is as long as it is: it does not push the others apart.
  const even = rows.filter((_, row) => steps[row - 1]?.error === undefined)
  const width = (column: number) => Math.max(...even.map((row) => row[column]!.length))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(width(column))))
      .join('  ')
      .trimEnd(),
  )
}

/** One paragraph on what is not well; undefined where all is. @param file where the summary lies */
export function describeTrouble(summary: PipelineSummary, file: string | undefined): string | undefined {
  if (summary.exitCode === 0) return undefined
  const { steps, exitCode, pipeline } = summary
  const [failed, stopped, left] = (['failed', 'stopped', 'not run'] as const).map((outcome) =>
    steps.filter((step) => step.outcome === outcome),
  )
  const counts = [
    ...(failed!.length > 0 ? [`${failed!.length} of ${steps.length} steps failed`] : []),
    ...(stopped!.length > 0 ? [`${stopped!.length} of ${steps.length} steps stopped`] : []),
  ]
  const troubles = [...failed!, ...stopped!].map(
    ({ stage, step, line, error }) => ` ${stage} ${step} (line ${line}): ${error}.`,
  )
  const notRun = left!.length === 0 ? '' : ` Not run: ${left!.map(({ step }) => step).join(', ')}.`
  const where = file === undefined ? '' : ` Summary: ${shortPath(file)}`
  return (
    `${pipeline}: ${counts.join(', ') || 'not all steps ran'} (exit code ${exitCode}).${troubles.join('')}${notRun}` +
    ` What was published before stays.${where}`
  )
}
