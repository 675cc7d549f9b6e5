import type { RunLog } from '../training/watching/run-log.js'

/** What is wrong with the log of a run, in words for its reader. */
export function logFaults({ lines, unreadable, lost }: RunLog): string[] {
  if (lines === 0) return ['log.jsonl: it is empty, or there is none: no step was logged yet']
  const torn = unreadable.at(-1) === lines
  const inner = torn ? unreadable.slice(0, -1) : unreadable
  return [
    ...(inner.length === 0
      ? []
      : [`log.jsonl: ${inner.length} lines are no events, the first is line ${inner[0]}`]),
    ...(torn
      ? [`log.jsonl: line ${lines}, the last one, is not whole: the run is being written, or was killed`]
      : []),
    ...(lost ? [lossLost(lost)] : []),
  ]
}

function lossLost({ step, loss, learningRate }: NonNullable<RunLog['lost']>): string {
  const what = Number.isFinite(loss) ? `the loss is ${loss.toPrecision(4)}` : 'the loss is not a number'
  return `training diverged at step ${step}: ${what}, at a learning rate of ${learningRate.toPrecision(4)}`
}
