import { type Axis, type Bin, histogram, lineChart, type Point } from '../charts/index.js'
import { count, figure, type Markup, percent, shortCount, tickPercent } from '../pages/index.js'
import { bestAccuracy } from './best-accuracy.js'
import { cosineOf } from './hardest-pairs.js'
import type { JudgedTarget, RunFacts } from './run-facts.js'

const STEPS: Axis = { label: 'step', format: shortCount }

/** Loss, learning rate and speed over the steps: a line for each run. */
export function trainingCharts(runs: RunFacts[], id: string): Markup[] {
  const chart = (
    kind: 'losses' | 'learningRates' | 'imagesPerSecond',
    words: { title: string; description: string },
    y: Axis,
  ) =>
    lineChart({
      id: `${id}-${kind}`,
      ...words,
      series: runs.map(({ name, log }) => ({
        name,
        points: pointsOf(log.training.steps, log.training[kind]),
      })),
      x: STEPS,
      y,
    })
  return [
    chart(
      'losses',
      { title: 'Loss', description: `Mean between two lines of the log. ${lastLoss(runs)}` },
      { label: 'loss' },
    ),
    chart(
      'learningRates',
      { title: 'Learning rate', description: 'The rate that the step used.' },
      { label: 'learning rate' },
    ),
    chart(
      'imagesPerSecond',
      { title: 'Speed', description: 'Training alone: verification and checkpoints are left out.' },
      { label: 'images a second', format: shortCount },
    ),
  ]
}

/** Accuracy on each val target over the steps: a chart for each target, a line for each run. */
export function accuracyCharts(runs: RunFacts[], id: string): Markup[] {
  const targets = [...new Set(runs.flatMap(({ log }) => [...log.targets.keys()]))]
  return targets.map((target, i) =>
    lineChart({
      id: `${id}-accuracy-${i}`,
      title: `Accuracy on ${target}`,
      description: `Mean over the folds. ${bestOf(runs, target)}`,
      series: runs.map(({ name, log }) => {
        const found = log.targets.get(target)
        return { name, points: found === undefined ? [] : pointsOf(found.steps, found.accuracies) }
      }),
      x: STEPS,
      y: { label: 'accuracy', format: tickPercent },
    }),
  )
}

/** How true and false accepts, and false accepts and rejects, are traded for each other: a line for each run. */
export function tradeOffCharts(runs: RunFacts[], target: string, id: string): Markup[] {
  const judged = runs.flatMap(({ name, judged: all }) =>
    all.filter((one) => one.target === target).map((one) => ({ name, ...one })),
  )
  const fewest = 1 / Math.max(...judged.map(({ verification }) => verification.different))
  const edge = 10 ** Math.floor(Math.log10(fewest))
  const x: Axis = {
    label: 'false accepts, part of the different pairs',
    scale: 'log',
    domain: [edge, 1],
    ticks: powersOfTen(fewest),
    format: powerText,
  }
  // What is accepted without any false accept holds from the left edge on.
  const series = (toY: (trueAccepts: number) => number) =>
    judged.map(({ name, verification: { roc } }) => ({
      name,
      points: roc.falsePositiveRates
        .map((far, i): Point => [Math.max(far, edge), toY(roc.truePositiveRates[i]!)])
        .filter(([far], i, all) => far > edge || all[i + 1]![0] > edge)
        .filter(([, y]) => y > 0),
    }))
  const rejects = series((accepts) => 1 - accepts)
  const least = rejects.flatMap(({ points }) => points).reduce((a, [, part]) => Math.min(a, part), 0.5)
  const pairs = `${count(judged[0]!.verification.same)} same and ${count(judged[0]!.verification.different)} different pairs.`
  return [
    lineChart({
      id: `${id}-roc`,
      title: `ROC on ${target}`,
      description: `True accepts at each rate of false accepts; higher is better. ${pairs}`,
      series: series((accepts) => accepts),
      x,
      y: { label: 'true accepts, part of the same pairs', format: tickPercent },
      curve: 'step',
      legend: true,
    }),
    lineChart({
      id: `${id}-det`,
      title: `DET on ${target}`,
      description: 'False rejects at each rate of false accepts; lower is better.',
      series: rejects,
      x,
      y: partAxis('false rejects, part of the same pairs', least),
      curve: 'step',
      legend: true,
    }),
  ]
}

/** Names along an upright axis. */
const MOST_TICKS = 9

const SCORE_BINS = 40

/** How alike the pairs of one person are, and those of two. */
export function scoreHistogram({ target, scores, verification }: JudgedTarget, id: string): Markup {
  const { distances, same } = scores
  const cosines = distances.map(cosineOf)
  const edges = edgesOver(cosines)
  const binsOf = (kind: number): Bin[] => {
    const counts = new Array<number>(SCORE_BINS).fill(0)
    for (const [pair, cosine] of cosines.entries()) {
      if (same[pair] !== kind) continue
      const part = (cosine - edges[0]!) / (edges[SCORE_BINS]! - edges[0]!)
      counts[Math.min(SCORE_BINS - 1, Math.max(0, Math.floor(part * SCORE_BINS)))]!++
    }
    return counts.map((found, i) => ({ from: edges[i]!, to: edges[i + 1]!, count: found }))
  }
  const cut = cosineOf(verification.threshold)
  return histogram({
    id,
    title: `Scores on ${target}`,
    description: 'Cosines of the embeddings of each pair. The less the two hills overlap, the better.',
    series: [
      { name: 'same person', bins: binsOf(1) },
      { name: 'different people', bins: binsOf(0) },
    ],
    x: { label: 'cosine', format: figure },
    counted: 'pairs',
    heights: 'share',
    guides: [{ x: cut, label: `threshold ${figure(cut)}` }],
  })
}

/** Edges of equal bins from the least to the greatest, each a short number. */
function edgesOver(values: Float64Array): number[] {
  const lowest = values.reduce((a, b) => Math.min(a, b), 1)
  const highest = values.reduce((a, b) => Math.max(a, b), -1)
  const width = Math.max(1e-4, Math.ceil(((highest - lowest) / SCORE_BINS) * 1e4) / 1e4)
  const first = Math.floor(lowest * 1e4) / 1e4
  return Array.from({ length: SCORE_BINS + 1 }, (_, i) => Number((first + i * width).toFixed(4)))
}

function pointsOf(steps: number[], values: number[]): Point[] {
  return steps.map((step, i): Point => [step, values[i]!])
}

function lastLoss(runs: RunFacts[]): string {
  const [run] = runs
  if (runs.length > 1 || run === undefined) return ''
  const last = run.log.training.losses.findLast(Number.isFinite)
  return last === undefined ? '' : `The last one is ${last.toFixed(4)}.`
}

function bestOf(runs: RunFacts[], target: string): string {
  const [run] = runs
  const found = run?.log.targets.get(target)
  if (runs.length > 1 || found === undefined) return ''
  const best = bestAccuracy(found)
  return best === undefined ? '' : `The best is ${percent(best.accuracy, 2)}, at step ${count(best.step)}.`
}

function powersOfTen(least: number): number[] {
  const first = Math.floor(Math.log10(least))
  return Array.from({ length: 1 - first }, (_, i) => 10 ** (first + i))
}

/** `1`, `0.1`, `0.01`, then `1e-3`. */
function powerText(value: number): string {
  return value >= 0.009 ? String(Number(value.toPrecision(1))) : `1e${Math.round(Math.log10(value))}`
}

/** An axis from the least part to 1: at each power of ten, and where there is room at twice and five times that. */
function partAxis(label: string, least: number): Axis {
  const powers = powersOfTen(least)
  const fine = powers.flatMap((power) => [power, 2 * power, 5 * power])
  const inside = (ticks: number[]) => ticks.filter((tick) => tick >= least && tick <= 1)
  const ticks = inside(fine).length <= MOST_TICKS ? inside(fine) : inside(powers)
  return { label, scale: 'log', domain: [least, 1], ticks, format: partText }
}

/** `20 %`, `0.5 %`. */
function partText(part: number): string {
  return `${Number((100 * part).toPrecision(1))} %`
}
