import { existsSync } from 'node:fs'
import { UsageError } from '../errors/index.js'
import type { Log } from '../progress/progress.js'
import { type Checkpoint, readCheckpoint, readRunState } from './checkpoint.js'
import type { TrainingConfig } from './config/index.js'
import type { RunDirectory } from './run-directory.js'
import type { RunData } from './run-state.js'

/** Keys that may differ between a run and the one that it goes on with: they do not change what is learned. */
const FREE_KEYS = ['resume', 'num_workers', 'keep_checkpoints', 'output', 'num_classes', 'num_image'] as const

/**
 * The checkpoint at which a run goes on, or undefined where it starts from the beginning and what stands in its folder
 * may go. An unfinished run of the same config on the same data goes on by itself, so that the command that was
 * stopped, or the pipeline, is simply started again: the result is the same, bit by bit, as starting over. `resume`
 * also goes on with a finished run, or one of another config, such as one of more epochs.
 * @throws UsageError where the folder holds a run that may not be replaced, or resuming would change its data
 */
export async function findStartingPoint(
  directory: RunDirectory,
  config: TrainingConfig,
  data: RunData,
  { replace, lastStep, log }: { replace: boolean; lastStep: number; log: Log },
): Promise<Checkpoint | undefined> {
  const step = await directory.lastCheckpoint()
  if (step !== undefined) {
    const earlier = await readRunState(directory.checkpoints, step)
    const difference = firstDifference(earlier.data, data)
    const unfinished = step < lastStep || earlier.verificationDue || !existsSync(directory.model)
    const again = unfinished && isSameConfig(directory, config)
    if (difference === undefined && (config.resume || again)) {
      log.info(`going on at step ${step} of the run in ${directory.path}`)
      return readCheckpoint(directory.checkpoints, step)
    }
    if (difference !== undefined && config.resume && !replace) {
      throw new UsageError(`${directory.path}: cannot resume: ${difference}. --replace starts again`)
    }
  } else if (config.resume) {
    log.info(`${directory.path} has no checkpoint: starting from the beginning`)
  }
  const nothingLost = step === undefined && (config.resume || isSameConfig(directory, config))
  if (directory.holdsRun() && !replace && !nothingLost) {
    throw new UsageError(`${directory.path} holds a run: --resume goes on with it, --replace starts again`)
  }
  return undefined
}

function firstDifference(earlier: RunData, now: RunData): string | undefined {
  for (const [key, value] of Object.entries(now)) {
    const before = earlier[key as keyof RunData]
    if (before !== value) return `its ${key} was ${before}, now it is ${value}`
  }
  return undefined
}

/** False too where the config of the earlier run cannot be read. */
function isSameConfig(directory: RunDirectory, config: TrainingConfig): boolean {
  const text = (of: TrainingConfig) =>
    JSON.stringify(Object.entries(of).filter(([key]) => !(FREE_KEYS as readonly string[]).includes(key)))
  try {
    return text(directory.readConfig()) === text(config)
  } catch {
    return false
  }
}
