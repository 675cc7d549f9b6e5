import { existsSync } from 'node:fs'
import { UsageError } from '../../errors/index.js'
import type { Log } from '../../progress/progress.js'
import { type Checkpoint, readCheckpoint, readRunState } from '../checkpoints/checkpoint.js'
import type { RunData, RunState } from '../checkpoints/run-state.js'
import type { TrainingConfig } from '../config/index.js'
import type { RunDirectory } from '../run-directory.js'
import { describeChanges, haveSameValTargets, teachTheSame } from './config-changes.js'

/**
 * The checkpoint at which a run goes on, or undefined where it starts from the beginning and what stands in its folder
 * may go. An unfinished run of the same config on the same data goes on by itself, so that the command that was
 * stopped, or the pipeline, is simply started again: the result is the same, bit by bit, as starting over. `resume`
 * also goes on with a finished run, or one of another config or dataset; what that changes is said, and made by `resume`.
 * @throws UsageError where the folder holds a run that may not be replaced
 */
export async function findStartingPoint(
  directory: RunDirectory,
  config: TrainingConfig,
  data: RunData,
  { replace, lastStepOf, log }: { replace: boolean; lastStepOf: (run: RunState) => number; log: Log },
): Promise<Checkpoint | undefined> {
  const step = await directory.lastCheckpoint()
  if (step !== undefined) {
    const earlier = await readRunState(directory.checkpoints, step)
    const unfinished = step < lastStepOf(earlier) || earlier.verificationDue || !existsSync(directory.model)
    const again = unfinished && isSameConfig(directory, config) && isSameData(earlier.data, data)
    const startsAgain = replace && earlier.data.network !== data.network
    if ((config.resume && !startsAgain) || again) {
      log.info(`going on at step ${step} of the run in ${directory.path}`)
      const checkpoint = await readCheckpoint(directory.checkpoints, step)
      const before = earlierConfig(directory)
      if (before === undefined) return checkpoint
      for (const change of describeChanges(before, config)) log.info(change)
      if (!haveSameValTargets(before, config)) checkpoint.run.best = null
      return checkpoint
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

function isSameData(earlier: RunData, now: RunData): boolean {
  return Object.entries(now).every(([key, value]) => earlier[key as keyof RunData] === value)
}

/** False too where the config of the earlier run cannot be read. */
function isSameConfig(directory: RunDirectory, config: TrainingConfig): boolean {
  const before = earlierConfig(directory)
  return before !== undefined && teachTheSame(before, config)
}

function earlierConfig(directory: RunDirectory): TrainingConfig | undefined {
  try {
    return directory.readConfig()
  } catch {
    return undefined
  }
}
