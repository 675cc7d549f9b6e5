import { type DatasetDescription, formatDescription } from '../dataset/index.js'
import { hashToHex, xxh64 } from '../hash/xxh64.js'
import type { ShardResult } from './stage.js'

/** The files of a dataset that a shard wrote into `folder` of the scratch folder, all of them. */
export function writtenFiles(folder: string, description: DatasetDescription): ShardResult['files'] {
  const text = Buffer.from(formatDescription(description))
  return [
    ...Object.entries(description.files).map(([name, file]) => ({ path: `${folder}/${name}`, ...file })),
    { path: `${folder}/dataset.json`, bytes: text.length, xxh64: hashToHex(xxh64(text)) },
  ]
}
