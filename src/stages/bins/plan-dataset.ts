import { resolve } from 'node:path'
import { Dataset, imagePaths, resolveDataset } from '../../dataset/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { type PairSampling, type SampledPair, samplePairs } from '../../verification/index.js'
import type { Cut, Plan } from '../stage.js'
import type { BinsOptions } from './options.js'
import { type BinsShard, cutPairs, type PlannedPair } from './shard.js'

/** Draws the pairs. @throws InputError where the dataset cannot give so many */
export async function planFromDataset(
  options: BinsOptions,
  mode: PairSampling & { dataset: string },
  wished: number,
  cut?: Cut,
): Promise<Plan<BinsShard>> {
  const output = resolve(options.output)
  const dataset = await Dataset.open(await resolveDataset(mode.dataset, options.datasets))
  try {
    const { keys, labels } = await dataset.table()
    const sampled = samplePairs(labels, mode, mode.dataset)
    const names = await imageNames(dataset, sampled, keys)
    const pairs = sampled.map(
      ({ fold, same, positions }): PlannedPair => ({
        same,
        images: [names.get(positions[0])!, names.get(positions[1])!],
        fold,
        records: [keys[positions[0]]!, keys[positions[1]]!],
      }),
    )
    const { pairsPerFold, folds, seed } = mode
    const fingerprint = await dataset.fingerprint()
    const source = { dataset: dataset.name, fingerprint, pairsPerFold, folds, seed }
    return {
      stage: 'bins',
      fingerprint: hashToHex(
        xxh64(Buffer.from(JSON.stringify({ output, source, directory: dataset.directory }))),
      ),
      options,
      output: { path: output, kind: 'file' },
      amount: { phase: 'bins', total: pairs.length, unit: 'pairs' },
      shards: cutPairs(pairs.length, wished, cut).map(([start, end], number) => ({
        kind: 'dataset',
        number,
        output,
        source,
        dataset: dataset.files.records,
        pairs: pairs.slice(start, end),
        positions: sampled.slice(start, end).map(({ positions }) => positions),
      })),
    }
  } finally {
    await dataset.close()
  }
}

/** Names of the drawn images by position: their paths, else the keys. */
async function imageNames(
  dataset: Dataset,
  sampled: SampledPair[],
  keys: Float64Array,
): Promise<Map<number, string>> {
  const positions = new Set(sampled.flatMap((pair) => pair.positions))
  const paths = await imagePaths(dataset, positions)
  return new Map([...positions].map((position) => [position, paths.get(position) ?? `${keys[position]}.jpg`]))
}
