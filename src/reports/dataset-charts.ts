import { type Axis, type Bin, histogram, lineChart } from '../charts/index.js'
import { bytes, count, type Markup, shortCount, tickPercent } from '../pages/index.js'
import type { DatasetFacts } from './dataset-facts.js'

/** Names under one axis. */
const MOST_TICKS = 8

const imagesAxis = (label: string): Axis => ({ label, scale: 'log', base: 2, format: shortCount })

/** How many identities have how many images. */
export function imagesPerIdentity({ name, distribution }: DatasetFacts, id: string): Markup | undefined {
  if (distribution === undefined) return undefined
  const { bins, minimum, maximum, mean, identities, percentiles } = distribution
  const at = (percent: number) => percentiles.find((found) => found.percent === percent)!.images
  return histogram({
    id,
    title: 'Images per identity',
    description:
      `${count(identities)} identities have ${count(minimum)} to ${count(maximum)} images: ` +
      `half of them ${count(at(50))} or fewer, the mean is ${mean.toFixed(1)}.`,
    series: [{ name, bins }],
    x: { ...imagesAxis('images'), ticks: someOf(edgesOf(bins)) },
    counted: 'identities',
    note: `Percentiles: ${percentiles.map(({ percent: p, images }) => `${p}\u00a0%:\u00a0${count(images)}`).join(' · ')}`,
  })
}

/** What part of the identities has so many images at least: several datasets in one drawing. */
export function reachOfIdentities(datasets: DatasetFacts[], names: string[], id: string): Markup {
  return lineChart({
    id,
    title: 'Identities with so many images or more',
    description:
      'The part of the identities that has at least so many images: the further right, the richer.',
    series: datasets.map(({ distribution }, i) => ({ name: names[i]!, points: distribution?.reach ?? [] })),
    x: imagesAxis('images'),
    y: { label: 'part of the identities', domain: [0, 1], format: tickPercent },
    curve: 'step',
    legend: true,
  })
}

/** Sizes of records: what a loader reads for one image. */
export function recordSizes({ name, tally }: DatasetFacts, id: string): Markup | undefined {
  if (tally === undefined || tally.images === 0) return undefined
  const { bytes: bins, totalBytes, images } = tally
  return histogram({
    id,
    title: 'Bytes per record',
    description: `A record holds ${bytes(Math.round(totalBytes / images))} on average, header and labels included.`,
    series: [{ name, bins }],
    x: { label: 'bytes', scale: 'log', ticks: someOf(edgesOf(bins)), format: shortCount },
    counted: 'images',
  })
}

/** Where bins begin, and where the last one ends. */
function edgesOf(bins: Bin[]): number[] {
  return [...bins.map(({ from }) => from), ...bins.slice(-1).map(({ to }) => to)]
}

/** All, or every second, third ...: as many as have room under an axis. */
function someOf(ticks: number[]): number[] {
  const every = Math.ceil(ticks.length / MOST_TICKS)
  return ticks.filter((_, i) => i % every === 0)
}
