import { count, html, type Markup, percent } from '../pages/index.js'
import { bestAccuracy } from './best-accuracy.js'
import { faultBox } from './fault-box.js'
import { cosineOf, type HardPair } from './hardest-pairs.js'
import { photoTag } from './people.js'
import { accuracyCharts, scoreHistogram, tradeOffCharts, trainingCharts } from './run-charts.js'
import type { JudgedTarget, RunFacts } from './run-facts.js'
import { configTable, medianText, runsTable, stateOf, verificationTable } from './run-tables.js'
import { type Tile, tiles } from './tiles.js'

/** The curves of all runs of a report, one over the other. */
export function trainingSection(runs: RunFacts[], id: string): Markup {
  const several = runs.length > 1
  const targets = [...new Set(runs.flatMap(({ judged }) => judged.map(({ target }) => target)))]
  const tradeOffs = targets.flatMap((target, i) => tradeOffCharts(runs, target, `${id}-${i}`))
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${several ? 'Runs side by side' : html`Training <small>${runs[0]!.name}</small>`}</h2>
${several ? html`<div class="card">${runsTable(runs)}</div>` : headOf(runs[0]!)}
<div class="cards">
${trainingCharts(runs, id)}
${accuracyCharts(runs, id)}
${tradeOffs}</div>
${verificationCard(runs)}
</section>
`
}

/** What is a run's own. */
export function runSection(run: RunFacts, id: string, alone: boolean, faces: boolean): Markup {
  const charts = run.judged.map((judged, i) => scoreHistogram(judged, `${id}-scores-${i}`))
  const config = configTable(run)
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${alone ? 'Pairs and config' : html`${run.name} <small>run</small>`}</h2>
${!alone && headOf(run)}
<div class="cards">
${charts}</div>
${run.judged.map((judged) => hardestCard(judged, faces))}
${config && html`<section class="card"><h3>Config</h3><details><summary>All keys, as resolved</summary>${config}</details></section>`}
</section>
`
}

function headOf(run: RunFacts): Markup {
  return html`${faultBox(run.faults, 'The rest of the run is shown as it was written.')}
${tiles(tilesOf(run))}`
}

function tilesOf(run: RunFacts): Tile[] {
  const { log, config } = run
  const scores = [...log.targets].map(([target, curve]): Tile => {
    const best = bestAccuracy(curve)
    const last = curve.accuracies.findLast(Number.isFinite)
    return {
      name: `Best accuracy on ${target}`,
      value: best === undefined ? 'not known' : percent(best.accuracy, 2),
      note: last === undefined ? undefined : `last ${percent(last, 2)}`,
    }
  })
  const epoch = log.training.epochs.findLast(Number.isFinite)
  return [
    {
      name: 'State',
      value: stateOf(run).split(/[,;]/)[0]!,
      note: stateOf(run).split(/, |; /).slice(1).join('; '),
    },
    {
      name: 'Steps',
      value: count(log.training.steps.at(-1) ?? 0),
      note: epoch === undefined ? undefined : `epoch ${epoch + 1}`,
    },
    { name: 'Last loss', value: log.training.losses.findLast(Number.isFinite)?.toFixed(3) ?? 'none' },
    { name: 'Images a second, median', value: medianText(log.training.imagesPerSecond) },
    ...scores,
    ...(config === undefined ? [] : [networkTile(config)]),
  ]
}

function networkTile({ network, batch_size, embedding_size }: NonNullable<RunFacts['config']>): Tile {
  const name = typeof network === 'string' ? network : network.name
  return { name: 'Network', value: name, note: `${embedding_size} numbers, batches of ${batch_size}` }
}

function verificationCard(runs: RunFacts[]): Markup | undefined {
  const table = verificationTable(runs)
  if (table === undefined) return undefined
  return html`<section class="card"><h3>Verification by the best weights</h3><p class="note">TAR: same pairs that are accepted where so many of the different pairs are (FAR). Each fold is judged with the threshold that is best on the others.</p>${table}</section>
`
}

function hardestCard({ target, hardest, verification, hasImages }: JudgedTarget, faces: boolean): Markup {
  const { falseAccepts, falseRejects } = hardest
  const without = !faces
    ? ' Photos and names are left out, as was asked.'
    : hasImages
      ? ''
      : ' The bin is not at hand: its images are left out.'
  return html`<section class="card"><h3>Hardest pairs of ${target}</h3>
<p class="note">Judged with the mean threshold of the folds, cosine ${cosineOf(verification.threshold).toFixed(3)}.${without}</p>
<h4>Different people, taken for one</h4>
${pairsOf(falseAccepts, 'No two different people are taken for one.')}
<h4>One person, taken for two</h4>
${pairsOf(falseRejects, 'No person is taken for two.')}
</section>
`
}

function pairsOf(pairs: HardPair[], none: string): Markup {
  if (pairs.length === 0) return html`<p class="muted">${none}</p>`
  const figures = pairs.map(({ pair, cosine, names, photos }) => {
    const shown = photos?.map((photo, i) => photoTag(photo, names?.[i] ?? `image ${i + 1} of pair ${pair}`))
    const who = names?.map((name, i) => html`${i > 0 && html`<br>`}<bdi>${name}</bdi>`)
    return html`<figure>${shown && html`<div class="photos two">${shown}</div>`}<figcaption>cosine ${cosine.toFixed(3)} <span class="muted">pair ${pair}</span>${who && html`<br>${who}`}</figcaption></figure>
`
  })
  return html`<div class="pairs">
${figures}</div>`
}
