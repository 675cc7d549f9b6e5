import { html, type Markup, renderPage } from '../pages/index.js'
import type { DatasetFacts } from './dataset-facts.js'
import { datasetSection } from './dataset-section.js'
import { datasetsCompared } from './datasets-compared.js'
import type { RunFacts } from './run-facts.js'
import { runSection, trainingSection } from './run-section.js'

export interface ReportContent {
  datasets: DatasetFacts[]
  runs: RunFacts[]
  /** Whether people are shown and named. */
  faces: boolean
  /** What wrote it. */
  tool: string
}

/** The page: what is compared first, then each dataset and each run. */
export function reportPage({ datasets: found, runs, faces, tool }: ReportContent): string {
  const datasets = toldApart(found)
  const sections: { id: string; title: string; body: Markup }[] = []
  if (datasets.length > 1) {
    sections.push({ id: 'datasets', title: 'Side by side', body: datasetsCompared(datasets, 'datasets') })
  }
  for (const [i, facts] of datasets.entries()) {
    const id = `dataset-${i + 1}`
    sections.push({ id, title: facts.name, body: datasetSection(facts, id) })
  }
  if (runs.length > 0) {
    const title = runs.length > 1 ? 'Runs' : `Training of ${runs[0]!.name}`
    sections.push({ id: 'runs', title, body: trainingSection(runs, 'runs') })
  }
  for (const [i, run] of runs.entries()) {
    const id = `run-${i + 1}`
    const title = runs.length > 1 ? run.name : 'Pairs and config'
    sections.push({ id, title, body: runSection(run, id, runs.length === 1, faces) })
  }
  const names = [...datasets, ...runs].map(({ name }) => name)
  const title =
    names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`
  return renderPage({
    title: `${title}: report`,
    header: html`<p class="kind">${kindOf(datasets, runs)}</p>
<h1>${title}</h1>
<p class="note">Written by ${tool}. ${faces ? 'It holds photos and names of people: give it to nobody who may not see them.' : 'Photos and names of people are left out.'}</p>`,
    contents: sections.map(({ id, title: text }) => ({ id, title: text })),
    body: html`${sections.map(({ body }) => body)}`,
  })
}

/** Versions of one dataset have one name: the beginning of the fingerprint then stands behind it. */
function toldApart(datasets: DatasetFacts[]): DatasetFacts[] {
  return datasets.map((facts) => {
    const { name, fingerprint } = facts
    const isShared = datasets.some((other) => other !== facts && other.name === name)
    return isShared && fingerprint !== undefined
      ? { ...facts, name: `${name} (${fingerprint.slice(0, 8)})` }
      : facts
  })
}

function kindOf(datasets: DatasetFacts[], runs: RunFacts[]): string {
  const words = (count: number, word: string) => (count === 0 ? '' : count === 1 ? word : `${count} ${word}s`)
  return `report of ${[words(datasets.length, 'dataset'), words(runs.length, 'run')].filter(Boolean).join(' and ')}`
}
