import {
  bytesText,
  countText,
  curveText,
  durationText,
  rateText,
  resample,
  shareText,
  type TerminalStyle,
} from '../../terminal/index.js'
import { formatRows, heading, type Row, someRows } from './rows.js'
import type { Curve, RunInspection, TargetScore } from './run.js'

const MOST_TARGETS = 8

/** Of a line, for the words beside a curve. */
const WORDS = 60

/** The lines of a run for a terminal. */
export function describeRun(found: RunInspection, style: TerminalStyle): string[] {
  const rows: Row[] = [
    ['network', networkText(found)],
    ['dataset', datasetText(found)],
    ...curves(found, style),
    ...targets(found.targets, style),
    ['checkpoint', checkpointText(found)],
    ['model', modelText(found)],
    ['folder', found.path],
  ]
  return [heading(found.name, stateText(found), style), ...formatRows(rows, style)]
}

function stateText({ step, lastStep, epoch, epochs, divergedAt, ...found }: RunInspection): string {
  if (step === 0) return 'no step is told of yet'
  const all = lastStep === undefined ? '' : ` of ${countText(lastStep)} (${shareText(step, lastStep)})`
  const left = timeLeft({ step, lastStep, ...found })
  return [
    `step ${countText(step)}${all}, epoch ${epoch} of ${epochs}`,
    ...(divergedAt === undefined ? left : [`diverged at step ${countText(divergedAt)}`]),
  ].join(', ')
}

function timeLeft({
  step,
  lastStep,
  batchSize,
  imagesPerSecond,
}: Pick<RunInspection, 'step' | 'batchSize' | 'imagesPerSecond'> & {
  lastStep: number | undefined
}): string[] {
  const rate = imagesPerSecond?.median ?? Number.NaN
  if (lastStep === undefined || step >= lastStep || !(rate > 0)) return []
  return [`${durationText(((lastStep - step) * batchSize) / rate)} to go`]
}

function networkText({
  network,
  embeddingSize,
  batchSize,
  optimizer,
  highestLearningRate,
  engine,
}: RunInspection): string {
  const name = typeof network === 'string' ? network : JSON.stringify(network)
  const where = engine === undefined ? '' : `; ${engine.lowering}, provider ${engine.provider}`
  return `${name}, ${embeddingSize} numbers; ${optimizer} at ${highestLearningRate}, batches of ${batchSize}${where}`
}

function datasetText({ dataset, data }: RunInspection): string {
  if (data === undefined) return dataset
  return `${dataset}: ${countText(data.images)} images of ${countText(data.classes)} identities`
}

function curves({ loss, learningRate, imagesPerSecond }: RunInspection, style: TerminalStyle): Row[] {
  if (loss === undefined || learningRate === undefined || imagesPerSecond === undefined) return []
  const { first, last, lowest } = loss
  return [
    [
      'loss',
      `${line(loss, style)} ${figure(first)} to ${figure(last)}, lowest ${figure(lowest.value)} at step ${countText(lowest.step)}`,
    ],
    ['learning rate', `${line(learningRate, style)} now ${learningRate.last.toPrecision(4)}`],
    [
      'images/s',
      `${line(imagesPerSecond, style)} now ${rateText(imagesPerSecond.last)}, median ${rateText(imagesPerSecond.median)}`,
    ],
  ]
}

function targets(scores: readonly TargetScore[], style: TerminalStyle): Row[] {
  if (scores.length === 0) return [['accuracy', 'not measured: no val target']]
  const width = Math.max(...scores.map(({ target }) => target.length))
  const texts = scores.map((score) => {
    const { target, last, spread, step, highest } = score
    return (
      `${target.padEnd(width)} ${line(score, style)} ${last.toFixed(5)} +- ${spread.toFixed(5)} at step ${countText(step)}, ` +
      `highest ${highest.value.toFixed(5)} at step ${countText(highest.step)}`
    )
  })
  return someRows('accuracy', texts, MOST_TARGETS)
}

function checkpointText({ checkpoints }: RunInspection): string {
  const last = checkpoints.at(-1)
  if (last === undefined) return 'none yet'
  return `step ${countText(last)}, ${checkpoints.length} kept`
}

function modelText({ modelBytes, best }: RunInspection): string {
  const model = modelBytes === undefined ? 'no model.onnx yet' : `model.onnx, ${bytesText(modelBytes)}`
  if (best === undefined) return model
  return `${model}; best so far: step ${countText(best.step)}, mean accuracy ${best.accuracy.toFixed(5)}`
}

function line({ points }: Curve, style: TerminalStyle): string {
  const room = Math.max(10, Math.min(40, style.columns - WORDS))
  return curveText(resample(points, room), style)
}

/** Losses differ in the fourth digit, and there is none where a number was lost. */
function figure(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : 'no number'
}
