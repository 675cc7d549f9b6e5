import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { datasetsFolder, locateDataset } from '../dataset/index.js'
import { type Embedder, openModel } from '../engines/index.js'
import { InputError } from '../errors/index.js'
import type { Progress } from '../progress/progress.js'
import { type RunDirectory, type TrainingConfig, valTargetPlaces } from '../training/index.js'
import {
  type PairScores,
  readBin,
  readPairScores,
  scorePairs,
  type VerificationBin,
} from '../verification/index.js'

/** A run's scores on one bin. */
export interface RunPairs {
  target: string
  scores: PairScores
  /** Step of the weights; undefined where the scores were computed from `model.onnx`. */
  step: number | undefined
  /** The bin itself, where it was found. */
  bin: VerificationBin | undefined
}

export interface PairsRequest {
  datasets: string | undefined
  /** Threads of the engine. */
  jobs: number
  signal: AbortSignal
  progress: Progress
}

/**
 * The scores that a run kept; of a val target without any, those that its model gives to the pairs of the bin now. One bin
 * is in memory at a time. Faults are told and passed over.
 */
export async function* pairsOfRun(
  directory: RunDirectory,
  config: TrainingConfig | undefined,
  request: PairsRequest,
  onFault: (fault: InputError) => void,
): AsyncGenerator<RunPairs> {
  const attempt = async <T>(value: Promise<T>): Promise<T | undefined> =>
    value.catch((error: unknown) => {
      if (!(error instanceof InputError)) throw error
      onFault(error)
      return undefined
    })
  const bins = await binsOf(directory, config, request.datasets)
  const missing = new Map(bins)
  for (const target of await keptTargets(directory)) {
    const kept = await attempt(readPairScores(directory.pairScores(target)))
    if (kept === undefined) continue
    missing.delete(target)
    const path = bins.get(target)
    const bin = path === undefined ? undefined : await attempt(readBin(path))
    yield { target, ...kept, bin: bin && isOf(kept.scores, bin) ? bin : undefined }
  }
  if (missing.size === 0 || !existsSync(directory.model)) return
  const embedder = await attempt(openModel(directory.model, { provider: 'auto', threads: request.jobs }))
  if (embedder === undefined) return
  try {
    for (const [target, path] of missing) {
      const computed = await attempt(computePairs(embedder, target, path, request))
      if (computed !== undefined) yield computed
    }
  } finally {
    await embedder.close()
  }
}

async function keptTargets({ verification }: RunDirectory): Promise<string[]> {
  const names = await readdir(verification).catch(() => [])
  return names
    .filter((name) => extname(name) === '.arrow' && !name.startsWith('.'))
    .map((name) => name.slice(0, -6))
    .sort()
}

/** Where the val targets of a run lie, by their bare names; those that are nowhere are left out. */
async function binsOf(
  directory: RunDirectory,
  config: TrainingConfig | undefined,
  datasets: string | undefined,
): Promise<Map<string, string>> {
  const bins = new Map<string, string>()
  if (config === undefined) return bins
  const dataset = await locateDataset(config.dataset, datasets)
  for (const name of config.val_targets) {
    const places = valTargetPlaces(name, { dataset, config: directory.path })
    const named = name.endsWith('.bin') ? name : `${name}.bin`
    const path = [...places, join(datasetsFolder(datasets), named)].find((place) => existsSync(place))
    if (path !== undefined) bins.set(bareName(path), path)
  }
  return bins
}

function bareName(path: string): string {
  return path.replace(/^.*[/\\]/, '').replace(/\.bin$/, '')
}

/** Whether the scores are those of the pairs of this bin, as far as both tell. */
function isOf({ same }: PairScores, bin: VerificationBin): boolean {
  return same.length === bin.same.length && same.every((value, pair) => value === bin.same[pair])
}

/** @throws InputError, also for a bin from which no accuracy can be told */
async function computePairs(
  embedder: Embedder,
  target: string,
  path: string,
  { signal, progress }: PairsRequest,
): Promise<RunPairs> {
  const bin = await readBin(path)
  progress.start(`scoring the pairs of ${target}`, bin.images.length, 'images')
  const scores = await scorePairs(bin, embedder, { signal, onImages: (count) => progress.advance(count) })
  return { target, scores, step: undefined, bin }
}
