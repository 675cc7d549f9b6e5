import type { TargetCurve } from '../training/watching/run-log.js'

/** The highest accuracy on a val target, at the first step that had it. Undefined where a log has no number. */
export function bestAccuracy({
  steps,
  accuracies,
}: TargetCurve): { accuracy: number; step: number } | undefined {
  let best: { accuracy: number; step: number } | undefined
  for (const [i, accuracy] of accuracies.entries()) {
    if (accuracy > (best?.accuracy ?? Number.NEGATIVE_INFINITY)) best = { accuracy, step: steps[i]! }
  }
  return best
}
