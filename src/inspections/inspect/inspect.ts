import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { locateDataset, resolveDataset } from '../../dataset/index.js'
import { InputError, UsageError } from '../../errors/index.js'
import type { Progress } from '../../progress/progress.js'
import { plainStyle, type TerminalStyle } from '../../terminal/index.js'
import { type BinInspection, inspectBin } from './bin.js'
import { type DatasetInspection, inspectDataset } from './dataset.js'
import { describeBin } from './describe-bin.js'
import { describeDataset } from './describe-dataset.js'
import { describeRun } from './describe-run.js'
import type { RunInspection } from './run.js'

export type Inspection = DatasetInspection | RunInspection | BinInspection

export interface InspectOptions {
  datasets?: string | undefined
  /** Key of a record of the dataset to show too. */
  record?: number | undefined
  progress?: Progress
  signal?: AbortSignal
}

/**
 * Looks into a dataset by name or path, the folder of a training run, or a verification bin. Reads only.
 * @throws InputError, UsageError where a record is asked for of something else than a dataset; the reason of the signal
 */
export async function inspect(nameOrPath: string, options: InspectOptions = {}): Promise<Inspection> {
  const { datasets, ...wanted } = options
  const named = await locateDataset(nameOrPath, datasets)
  const other = await inspectOther(existsSync(named) ? named : resolve(nameOrPath))
  if (other === undefined) return inspectDataset(await resolveDataset(nameOrPath, datasets), wanted)
  if (wanted.record !== undefined) {
    throw new UsageError(
      `${nameOrPath} is a ${other.kind}: --record shows a record of a dataset. Leave it out`,
    )
  }
  return other
}

/** The lines of an inspection for a terminal. */
export function describeInspection(found: Inspection, style: TerminalStyle = plainStyle): string[] {
  if (found.kind === 'run') return describeRun(found, style)
  return found.kind === 'bin' ? describeBin(found, style) : describeDataset(found, style)
}

/** Undefined for what is to be a dataset. */
async function inspectOther(path: string): Promise<RunInspection | BinInspection | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (extname(path) === '.bin' && found?.isDirectory() !== true) return inspectBin(path)
  if (found?.isFile() === true && extname(path) !== '.rec') throw notInspected(path)
  if (found?.isDirectory() !== true) return undefined
  if ((await readdir(path)).some((name) => extname(name) === '.rec')) return undefined
  // Loaded for a run alone: its config knows all networks.
  const { RunDirectory } = await import('../../training/run-directory.js')
  const directory = new RunDirectory(path)
  if (!directory.holdsRun()) return undefined
  const { inspectRun } = await import('./run.js')
  return inspectRun(directory)
}

function notInspected(file: string): InputError {
  return new InputError({
    file,
    problem: 'is neither a dataset, a training run nor a verification bin',
    expected: 'the name or folder of a dataset, a .rec file, the folder of a run, or a .bin file',
    actual: extname(file) === '' ? 'a file' : `a ${extname(file)} file`,
  })
}
