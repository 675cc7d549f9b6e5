import { existsSync } from 'node:fs'
import { InputError, UsageError } from '../errors/index.js'
import { RunDirectory, type TrainingConfig } from '../training/index.js'
import { type RunLog, readRunLog } from '../training/watching/run-log.js'
import { judgePairs, type PairScores, type Verification } from '../verification/index.js'
import { type HardestPairs, hardestPairs } from './hardest-pairs.js'
import { logFaults } from './log-faults.js'
import { type PairsRequest, pairsOfRun } from './run-pairs.js'

/** What a report says of a training run. What could not be read is missing, and a fault says why. */
export interface RunFacts {
  /** As it was given, without what all runs of the report have in common. */
  name: string
  config: TrainingConfig | undefined
  log: RunLog
  /** `model.onnx` stands there: the run has ended once. */
  hasModel: boolean
  lastCheckpoint: number | undefined
  /** On the bins whose scores are known, by the best weights. */
  judged: JudgedTarget[]
  faults: string[]
}

export interface JudgedTarget {
  target: string
  scores: PairScores
  verification: Verification
  step: number | undefined
  hardest: HardestPairs
  /** Whether the images of the bin are at hand. */
  hasImages: boolean
}

export interface RunRequest extends PairsRequest {
  /** Absolute. */
  path: string
  name: string
  /** Whether people are shown. */
  faces: boolean
}

/** Reads all that can be known of a run: ended, going on, lost or killed. @throws InputError where there is none */
export async function gatherRun(request: RunRequest): Promise<RunFacts> {
  const { path, name, faces } = request
  const directory = new RunDirectory(path)
  if (!directory.holdsRun()) throw new InputError({ file: path, problem: 'there is no run' })
  const faults: string[] = []
  const addFault = ({ message }: Error): void => {
    faults.push(message.replaceAll(`${path}/`, ''))
  }
  const config = readConfig(directory, addFault)
  const log = await readRunLog(directory.log)
  faults.push(...logFaults(log))
  const judged: JudgedTarget[] = []
  for await (const pairs of pairsOfRun(directory, config, request, addFault)) {
    const { target, scores, step, bin } = pairs
    const verification = judgePairs(scores)
    const hardest = await hardestPairs(pairs, verification.threshold, faces)
    judged.push({ target, scores, verification, step, hardest, hasImages: bin !== undefined })
  }
  return {
    name,
    config,
    log,
    hasModel: existsSync(directory.model),
    lastCheckpoint: await directory.lastCheckpoint(),
    judged,
    faults,
  }
}

function readConfig(directory: RunDirectory, onFault: (fault: Error) => void): TrainingConfig | undefined {
  try {
    return directory.readConfig()
  } catch (error) {
    if (!(error instanceof InputError || error instanceof UsageError)) throw error
    onFault(error)
    return undefined
  }
}
