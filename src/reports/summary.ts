import type { SkippedReason } from '../dataset/index.js'
import { bestAccuracy } from './best-accuracy.js'
import type { DatasetFacts } from './dataset-facts.js'
import type { RunFacts } from './run-facts.js'
import { equalErrorRate, stateOf } from './run-tables.js'

/** What a report says, for programs: JSON without photos, names of people and points of curves. */
export interface ReportSummary {
  datasets: DatasetSummary[]
  runs: RunSummary[]
}

export interface DatasetSummary {
  name: string
  fingerprint: string | null
  images: number
  /** Images that could be read: the counts below are of these. */
  counted: number
  identities: number
  /** Null where it could not be counted. */
  imagesPerIdentity: {
    minimum: number
    maximum: number
    mean: number
    percentiles: Record<string, number>
  } | null
  sizes: { width: number; height: number; images: number }[]
  formats: { format: string; images: number }[]
  byteIdentical: number | null
  skipped: SkippedReason[] | null
  noise: { rule: string; state: string; images: number; threshold: number | null }[]
  faults: string[]
}

export interface RunSummary {
  name: string
  state: string
  steps: number
  /** Null where it is not a number, or no step was logged. */
  loss: number | null
  /** Highest accuracy on each val target; null where none of them is a number. */
  highest: Record<string, number | null>
  bins: {
    bin: string
    accuracy: number
    areaUnderCurve: number
    equalErrorRate: number
    tarAtFar: { far: number; tar: number }[]
  }[]
  faults: string[]
}

export function summarise(datasets: DatasetFacts[], runs: RunFacts[]): ReportSummary {
  return { datasets: datasets.map(datasetSummary), runs: runs.map(runSummary) }
}

function datasetSummary(facts: DatasetFacts): DatasetSummary {
  const { name, fingerprint, images, identities, distribution, tally, skipped, noise, faults } = facts
  return {
    name,
    fingerprint: fingerprint ?? null,
    images,
    counted: facts.counted,
    identities,
    imagesPerIdentity:
      distribution === undefined
        ? null
        : {
            minimum: distribution.minimum,
            maximum: distribution.maximum,
            mean: distribution.mean,
            percentiles: Object.fromEntries(
              distribution.percentiles.map(({ percent, images: at }) => [percent, at]),
            ),
          },
    sizes: tally?.sizes ?? [],
    formats: tally?.formats ?? [],
    byteIdentical: tally?.byteIdentical ?? null,
    skipped: skipped ?? null,
    noise: noise.flatMap(({ state, rules }) =>
      rules.map(({ rule, images: found, threshold }) => ({
        rule,
        state,
        images: found,
        threshold: threshold ?? null,
      })),
    ),
    faults,
  }
}

function runSummary(run: RunFacts): RunSummary {
  const { name, log, judged, faults } = run
  const loss = log.training.losses.at(-1)
  return {
    name,
    state: stateOf(run),
    steps: log.training.steps.at(-1) ?? 0,
    loss: loss !== undefined && Number.isFinite(loss) ? loss : null,
    highest: Object.fromEntries(
      [...log.targets].map(([target, curve]) => [target, bestAccuracy(curve)?.accuracy ?? null]),
    ),
    bins: judged.map(({ target, verification }) => ({
      bin: target,
      accuracy: verification.accuracy,
      areaUnderCurve: verification.areaUnderCurve,
      equalErrorRate: equalErrorRate(verification),
      tarAtFar: verification.tarAtFar.map(({ far, tar }) => ({ far, tar })),
    })),
    faults,
  }
}
