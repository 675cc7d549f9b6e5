import { posix, resolve } from 'node:path'
import { Dataset, readList, readManifest, resolveDataset } from '../../dataset/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { type PairSampling, type SampledPair, samplePairs } from '../../verification/index.js'
import type { Plan } from '../stage.js'
import type { BinsOptions } from './options.js'
import { type BinsShard, cutPairs, type PlannedPair } from './shard.js'

/** Draws the pairs. @throws InputError where the dataset cannot give so many */
export async function planFromDataset(
  options: BinsOptions,
  mode: PairSampling & { dataset: string },
  wished: number,
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
      shards: cutPairs(pairs.length, wished).map(([start, end], number) => ({
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

/**
 * Names of the drawn images by position: the path in the source, below the source's name where there are several; of a
 * dataset without a manifest the path in its list, else the key.
 */
async function imageNames(
  dataset: Dataset,
  sampled: SampledPair[],
  keys: Float64Array,
): Promise<Map<number, string>> {
  const positions = new Set(sampled.flatMap((pair) => pair.positions))
  const names = new Map([...positions].map((position) => [position, `${keys[position]}.jpg`]))
  const { description, files } = dataset
  if (description !== undefined && files.manifest !== undefined) {
    const { sources } = description
    let first = 0
    for await (const batch of readManifest(files.manifest)) {
      for (let row = 0; row < batch.rows; row++) {
        const path = positions.has(first + row) ? batch.path(row) : ''
        const source = sources.length > 1 ? sources[batch.sources[row]!]?.name : undefined
        if (path !== '') names.set(first + row, posix.join(source ?? '', path))
      }
      first += batch.rows
    }
  } else if (files.list !== undefined) {
    const positionOf = new Map([...positions].map((position) => [keys[position]!, position]))
    for await (const { key, path } of readList(files.list)) {
      const position = positionOf.get(key)
      if (position !== undefined) names.set(position, path)
    }
  }
  return names
}
