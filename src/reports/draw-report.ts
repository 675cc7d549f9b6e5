import { TOOL } from '../dataset/index.js'
import { InputError } from '../errors/index.js'
import type { Progress } from '../progress/progress.js'
import { type DatasetFacts, gatherDataset } from './dataset-facts.js'
import { readCleanReport } from './noise.js'
import { reportPage } from './report-page.js'
import { gatherRun, type RunFacts } from './run-facts.js'
import { distinctNames, type Subject } from './subject.js'
import { type ReportSummary, summarise } from './summary.js'

export interface ReportRequest {
  /** In the order in which they are shown. */
  subjects: Subject[]
  datasets: string | undefined
  /** Photos on the contact sheet of each dataset. */
  photos: number
  seed: number
  /** Whether people are shown and named. */
  faces: boolean
  /** Folders of `clean --dry-run`, absolute. */
  cleanReports: string[]
  jobs: number
  signal: AbortSignal
  progress: Progress
}

/** Reads datasets and runs and draws the page. @throws InputError where nothing can be told of one of them */
export async function drawReport(request: ReportRequest): Promise<{ page: string; summary: ReportSummary }> {
  const { subjects, faces, photos, seed, signal, progress } = request
  const cleanReports = await Promise.all(request.cleanReports.map(readCleanReport))
  const datasets: DatasetFacts[] = []
  for (const { path, name } of subjects.filter(({ kind }) => kind === 'dataset')) {
    signal.throwIfAborted()
    datasets.push(
      await gatherDataset({ path, name, seed, cleanReports, signal, progress, photos: faces ? photos : 0 }),
    )
  }
  refuseStrangers(request.cleanReports, cleanReports, datasets)
  const places = subjects.filter(({ kind }) => kind === 'run').map(({ path }) => path)
  const names = distinctNames(places)
  const runs: RunFacts[] = []
  for (const [i, path] of places.entries()) {
    signal.throwIfAborted()
    runs.push(await gatherRun({ ...request, path, name: names[i]! }))
  }
  return {
    page: reportPage({ datasets, runs, faces, tool: TOOL }),
    summary: summarise(datasets, runs),
  }
}

/** @throws InputError for what clean found in a dataset of which this report is not */
function refuseStrangers(
  folders: string[],
  reports: { dataset: string; fingerprint: string }[],
  datasets: DatasetFacts[],
): void {
  for (const [i, { dataset, fingerprint }] of reports.entries()) {
    if (datasets.some((facts) => facts.fingerprint === fingerprint)) continue
    throw new InputError({
      file: folders[i]!,
      problem: `was written for another dataset, ${dataset}, or another version of it`,
      expected:
        datasets.map((facts) => `${facts.name}: fingerprint ${facts.fingerprint}`).join(', ') || 'a dataset',
      actual: `fingerprint ${fingerprint}`,
      fix: 'Run clean --dry-run again on the dataset of the report',
    })
  }
}
