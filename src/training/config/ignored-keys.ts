/** A key of upstream that changes nothing here. */
export interface IgnoredKey {
  name: string
  /** What is done in its place. */
  reason: string
  /** Its `true` asks for something that a run does not do. */
  asks?: true
}

const DECODING = 'images are decoded by worker threads'
const LOG = 'the log is log.jsonl'

/** Source: upstream's `configs/base.py`, and what its `train_v2.py` reads besides. */
export const ignoredKeys: readonly IgnoredKey[] = [
  { name: 'dali', reason: DECODING, asks: true },
  {
    name: 'dali_aug',
    reason:
      'augmentation says how images are changed; with dali: true alone it is read as augmentation: dali',
    asks: true,
  },
  { name: 'using_wandb', reason: LOG, asks: true },
  { name: 'wandb_key', reason: LOG },
  { name: 'wandb_entity', reason: LOG },
  { name: 'wandb_project', reason: LOG },
  { name: 'wandb_log_all', reason: LOG },
  { name: 'wandb_resume', reason: LOG },
  { name: 'suffix_run_name', reason: LOG },
  { name: 'save_artifacts', reason: LOG },
  { name: 'notes', reason: LOG },
  { name: 'save_all_states', reason: 'a checkpoint always holds everything' },
]

export function findIgnored(key: string): IgnoredKey | undefined {
  const known = ignoredKeys.find(({ name }) => name === key)
  return known ?? (key.startsWith('wandb_') ? { name: key, reason: LOG } : undefined)
}
