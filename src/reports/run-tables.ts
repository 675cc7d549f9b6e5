import { type Content, count, html, type Markup, percent, renderTable } from '../pages/index.js'
import type { TrainingConfig } from '../training/index.js'
import type { Verification } from '../verification/index.js'
import { bestAccuracy } from './best-accuracy.js'
import { cosineOf } from './hardest-pairs.js'
import type { RunFacts } from './run-facts.js'

/** What runs came to, side by side, and in what their configs differ. */
export function runsTable(runs: RunFacts[]): Markup {
  const targets = [...new Set(runs.flatMap(({ log }) => [...log.targets.keys()]))]
  const rows: Content[][] = [
    ['State', ...runs.map(stateOf)],
    ['Steps', ...runs.map(({ log }) => count(log.training.steps.at(-1) ?? 0))],
    ['Epochs', ...runs.map(({ log }) => epochsOf(log.training.epochs))],
    [
      'Last loss',
      ...runs.map(({ log }) => log.training.losses.findLast(Number.isFinite)?.toFixed(4) ?? 'none'),
    ],
    ['Images a second, median', ...runs.map(({ log }) => medianText(log.training.imagesPerSecond))],
    ...targets.map((target) => [`Best accuracy on ${target}`, ...runs.map((run) => bestText(run, target))]),
    ...differences(runs.map(({ config }) => config)).map(([key, ...values]) => [
      html`<code>${key}</code>`,
      ...values.map((value) => html`<span class="differs">${value}</span>`),
    ]),
  ]
  const columns = [{ title: '' }, ...runs.map(({ name }) => ({ title: name }))]
  return renderTable({ caption: 'Runs side by side', columns, rows })
}

/** Figures of the bins: a row for each run and bin. */
export function verificationTable(runs: RunFacts[]): Markup | undefined {
  const judged = runs.flatMap(({ name, judged: all }) => all.map((one) => ({ name, ...one })))
  if (judged.length === 0) return undefined
  const fars = [
    ...new Set(judged.flatMap(({ verification }) => verification.tarAtFar.map(({ far }) => far))),
  ].sort((a, b) => b - a)
  const numeric = (title: string) => ({ title, numeric: true })
  return renderTable({
    caption: 'Verification by the best weights',
    columns: [
      { title: 'Run' },
      { title: 'Bin' },
      numeric('Weights of step'),
      numeric('Accuracy'),
      numeric('Threshold, cosine'),
      numeric('Equal error rate'),
      numeric('Area under the ROC'),
      ...fars.map((far) => numeric(`TAR at FAR ${far}`)),
    ],
    rows: judged.map(({ name, target, step, verification }) => {
      const { accuracy, spread, threshold, areaUnderCurve, tarAtFar } = verification
      return [
        name,
        target,
        step === undefined ? 'model.onnx' : count(step),
        `${percent(accuracy, 2)} ± ${(100 * spread).toFixed(2)}`,
        cosineOf(threshold).toFixed(3),
        percent(equalErrorRate(verification), 2),
        areaUnderCurve.toFixed(5),
        ...fars.map((far) => {
          const found = tarAtFar.find((one) => one.far === far)
          return found === undefined ? 'too few pairs' : percent(found.tar, 2)
        }),
      ]
    }),
  })
}

/** Where false accepts and false rejects are equally frequent: between the two points around it, in a straight line. */
export function equalErrorRate({ roc }: Pick<Verification, 'roc'>): number {
  const { falsePositiveRates: accepts, truePositiveRates } = roc
  const gap = (i: number) => 1 - truePositiveRates[i]! - accepts[i]!
  const after = accepts.findIndex((_, i) => gap(i) <= 0)
  if (after <= 0) return accepts[0] ?? 0
  const before = after - 1
  const way = gap(before) / (gap(before) - gap(after))
  return accepts[before]! + way * (accepts[after]! - accepts[before]!)
}

/** All of a config. */
export function configTable({ name, config }: RunFacts): Markup | undefined {
  if (config === undefined) return undefined
  const rows = entriesOf(config).map(([key, value]) => [html`<code>${key}</code>`, value])
  return renderTable({ caption: `Config of ${name}`, columns: [{ title: 'Key' }, { title: 'Value' }], rows })
}

/** Keys whose values are not all the same, each with the value of every run. */
function differences(configs: (TrainingConfig | undefined)[]): string[][] {
  const maps = configs.map((config) => new Map(config === undefined ? [] : entriesOf(config)))
  const keys = [...new Set(maps.flatMap((map) => [...map.keys()]))].filter((key) => key !== 'output')
  return keys
    .map((key) => [key, ...maps.map((map) => map.get(key) ?? '')])
    .filter(([, ...values]) => new Set(values).size > 1)
}

function entriesOf(config: TrainingConfig): [string, string][] {
  return Object.entries(config)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)])
}

export function stateOf({ log, hasModel, lastCheckpoint }: RunFacts): string {
  if (log.lost !== undefined) return 'diverged'
  // A model alone may be that of a run that was finished here before.
  if (hasModel && lastCheckpoint === (log.training.steps.at(-1) ?? 0)) return 'ended'
  return lastCheckpoint === undefined
    ? 'going on, or killed'
    : `going on, or killed; checkpoint ${lastCheckpoint}`
}

function epochsOf(epochs: number[]): string {
  const last = epochs.findLast(Number.isFinite)
  return last === undefined ? 'none' : count(last + 1)
}

export function medianText(values: number[]): string {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  const middle = sorted[sorted.length >> 1]
  return middle === undefined ? 'not known' : count(Number(middle.toPrecision(3)))
}

function bestText({ log }: RunFacts, target: string): string {
  const found = log.targets.get(target)
  const best = found && bestAccuracy(found)
  return best === undefined ? 'not measured' : `${percent(best.accuracy, 2)} at step ${count(best.step)}`
}
