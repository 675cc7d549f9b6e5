import type { TrainingConfig } from '../config/index.js'

type Key = keyof TrainingConfig

/** Keys that change nothing of what is learned. */
const FREE_KEYS: readonly Key[] = [
  'resume',
  'num_workers',
  'keep_checkpoints',
  'save_steps',
  'output',
  'num_classes',
  'num_image',
]

/** Keys whose change is told with what it means for the state of a run. */
const TOLD_WITH_STATE: readonly Key[] = [
  'dataset',
  'network',
  'embedding_size',
  'batch_size',
  'seed',
  'optimizer',
  'provider',
  'engine',
  'init',
]

const NEW_SCHEDULE = 'learning rates are those of the new schedule from here on'

const MEANINGS: Partial<Record<Key, string>> = {
  lr: NEW_SCHEDULE,
  num_epoch: NEW_SCHEDULE,
  warmup_epoch: NEW_SCHEDULE,
  upstream_warmup: NEW_SCHEDULE,
  val_targets: 'the best on validation is measured anew',
  max_steps: 'the schedule stays as it is',
}

/** Whether two configs teach the same. */
export function teachTheSame(a: TrainingConfig, b: TrainingConfig): boolean {
  return differences(a, b).length === 0
}

/** Whether accuracies of one can be compared with those of the other. */
export function haveSameValTargets(a: TrainingConfig, b: TrainingConfig): boolean {
  return textOf(a.val_targets) === textOf(b.val_targets)
}

/** One line for each key of which a run goes on with another value than it had. */
export function describeChanges(before: TrainingConfig, now: TrainingConfig): string[] {
  return differences(before, now)
    .filter((key) => !TOLD_WITH_STATE.includes(key))
    .map((key) => {
      const meaning = MEANINGS[key] ?? 'from here on'
      return `${key}: ${textOf(now[key])} in place of ${textOf(before[key])}: ${meaning}`
    })
}

function differences(a: TrainingConfig, b: TrainingConfig): Key[] {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)] as Key[])
  return [...keys].filter((key) => !FREE_KEYS.includes(key) && textOf(a[key]) !== textOf(b[key]))
}

function textOf(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value)
}
