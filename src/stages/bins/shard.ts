import type { Conversion } from '../pack/convert.js'
import type { Cut } from '../stage.js'

/** A pair as the plan has it. */
export interface PlannedPair {
  same: boolean
  /** Names for the sidecar: paths in the folder or in the source of the dataset; as listed where one is missing. */
  images: [string, string]
  /** Fold that the list or the sampling gives, from 0. */
  fold?: number
  /** Line of the pair list, from 1. */
  line?: number
  /** Keys of the records. */
  records?: [number, number]
  /** How many of the images stand under another extension than the list says. */
  otherExtensions?: number
  /** Why it cannot be in the bin. */
  missing?: string
}

/** What the sidecar says of where the pairs come from: names, never absolute paths. */
export type PairSource = Record<string, string | number>

/** A contiguous range of the pairs of a list. */
export interface ListShard {
  kind: 'list'
  number: number
  /** Absolute path of the bin. */
  output: string
  source: PairSource
  /** Absolute; the images' names are paths below it. */
  folder: string
  /** Undefined stores every file as it is. */
  conversion: Conversion | undefined
  pairs: PlannedPair[]
}

/** A contiguous range of the pairs of a dataset. */
export interface DatasetShard {
  kind: 'dataset'
  number: number
  output: string
  source: PairSource
  /** Absolute, behind all links. */
  dataset: string
  pairs: PlannedPair[]
  /** Positions of the two images of each pair in the dataset's table. */
  positions: [number, number][]
}

/** The images of a bin, written to a folder. */
export interface ExtractShard {
  kind: 'extract'
  /** Absolute path of the folder. */
  output: string
  bin: string
}

export type BinsShard = ListShard | DatasetShard | ExtractShard

/** Below this many pairs a thread costs more than it saves. */
const MINIMUM_PAIRS = 64

/** Ranges `[start, end)` of nearly the same length, at most `wished` of them. */
export function cutPairs(pairs: number, wished: number, cut: Cut = 'where-it-pays'): [number, number][] {
  const most = cut === 'as-asked' ? pairs : Math.floor(pairs / MINIMUM_PAIRS)
  const shards = Math.max(1, Math.min(wished, most))
  return Array.from({ length: shards }, (_, i) => [
    Math.floor((pairs * i) / shards),
    Math.floor((pairs * (i + 1)) / shards),
  ])
}
