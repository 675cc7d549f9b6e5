import { existsSync } from 'node:fs'
import { exportModel } from '../../engines/index.js'
import { UsageError } from '../../errors/index.js'
import { backboneOf } from '../backbone.js'
import { readBackbone } from '../checkpoints/backbone-file.js'
import { checkpointBackbone } from '../checkpoints/checkpoint.js'
import type { RunDirectory } from '../run-directory.js'
import { PIXELS } from './pixels.js'

/** Which weights of a run are in a model. */
export interface ExportedWeights {
  which: 'best' | 'last'
  step: number
  /** Mean accuracy over the val targets; null where it was not measured at that step. */
  accuracy: number | null
}

/** A backbone file of a run. */
export interface RunWeights {
  which: 'best' | 'last'
  path: string
}

/**
 * The best weights on validation, or the last ones where they are asked for or nothing was measured.
 * @throws UsageError for a folder without a run, or without weights yet
 */
export async function findWeights(directory: RunDirectory, prefer: 'best' | 'last'): Promise<RunWeights> {
  if (!existsSync(directory.config))
    throw new UsageError(`${directory.path} holds no run: it has no config.yaml`)
  if (prefer === 'best' && existsSync(directory.best)) return { which: 'best', path: directory.best }
  const step = await directory.lastCheckpoint()
  if (step === undefined)
    throw new UsageError(`${directory.path} has no checkpoint yet: its first epoch is not done`)
  return { which: 'last', path: checkpointBackbone(directory.checkpoints, step) }
}

/** Writes weights of a run as an ONNX model. @throws UsageError, InputError, OutputError */
export async function exportWeights(
  directory: RunDirectory,
  { which, path }: RunWeights,
  output: string,
): Promise<ExportedWeights> {
  const { state, info } = await readBackbone(path)
  const metadata = {
    step: String(info.step),
    ...(info.accuracy === undefined ? {} : { accuracy: String(info.accuracy) }),
  }
  await exportModel(backboneOf(directory.readConfig(), info), state, output, { ...PIXELS, metadata })
  return { which, step: info.step, accuracy: info.accuracy ?? null }
}

/** `the best on validation, step 4000, accuracy 0.9912` */
export function describeWeights({ which, step, accuracy }: ExportedWeights): string {
  const weights = which === 'best' ? 'the best on validation' : 'the last weights'
  return `${weights}, step ${step}${accuracy === null ? '' : `, accuracy ${accuracy.toFixed(4)}`}`
}
