import type { CachedFolder } from '../../dataset/index.js'
import type { KeptIdentity } from '../kept-labels.js'
import type { Cut } from '../stage.js'
import { type ArchivedFiles, type PlannedArchive, sliceFiles } from './archived-files.js'
import type { Conversion } from './convert.js'
import type { IdentityFolder } from './identities.js'
import type { UnnamedFile } from './scanned-inputs.js'

/** Files of one folder, in one string: a plan of millions of files stays small in memory and as JSON. */
export interface ShardFolder {
  /** Position of the identity in the order of the dataset; labels are given later, to those that keep images. */
  identity: number
  /** The label that it had in the dataset of --labels-from; -1 for a new one. */
  keptLabel: number
  name: string
  /** Position in the inputs. */
  source: number
  /** Absolute. */
  path: string
  /** Below its input, with `/`; empty for the input itself. */
  relativePath: string
  /** What the cache of the version before says of the folder. */
  cached?: CachedFolder
  /** Number of file names. */
  files: number
  /** The file names, joined by `/`, which no file name contains. */
  names: string
  /** Where the files lie, if not on disk. */
  archived?: ArchivedFiles
}

/** A contiguous range of the files. */
export interface PackShard {
  number: number
  /** Undefined stores every file as it is. */
  conversion?: Conversion
  /** Folder of the version before, from which images may be taken over. */
  previous?: string
  folders: ShardFolder[]
  /** Those among the inputs, by position. */
  archives: Record<number, PlannedArchive>
  /** On the first shard. */
  findings?: PlanFindings
}

/** What the plan found out for the end. */
export interface PlanFindings {
  /** Files of the scan that are not images, counted by extension. */
  ignored: Record<string, number>
  /** Image files that belong to no identity. */
  unnamed: UnnamedFile[]
  /** Archives whose images have labels beside them. */
  webDatasets: number
  /** Missing where all labels are new. */
  kept?: FrozenLabels
}

/** The dataset of --labels-from as the plan found it. */
export interface FrozenLabels {
  /** Its name. */
  dataset: string
  /** Its number of labels: new identities get the numbers from here on. */
  count: number
  /** Its identities of which there is no folder any more. */
  absent: KeptIdentity[]
}

/** Below this many files a thread costs more than it saves. */
const MINIMUM_FILES = 32

/** Cuts the files into at most `wished` ranges of nearly the same number of files. */
export function cutIntoShards(
  folders: IdentityFolder[],
  wished: number,
  cut: Cut = 'where-it-pays',
): ShardFolder[][] {
  const total = folders.reduce((sum, { names }) => sum + names.length, 0)
  const most = cut === 'as-asked' ? total : Math.floor(total / MINIMUM_FILES)
  const shards = Math.max(1, Math.min(wished, most))
  const ranges: ShardFolder[][] = Array.from({ length: shards }, () => [])
  let identity = -1
  let done = 0
  let shard = 0
  for (const [i, folder] of folders.entries()) {
    if (folder.name !== folders[i - 1]?.name) identity++
    for (let from = 0; from < folder.names.length; ) {
      const end = Math.floor((total * (shard + 1)) / shards)
      const names = folder.names.slice(from, from + end - done)
      const { keptLabel, name, source, path, relativePath, archived } = folder
      ranges[shard]!.push({
        identity,
        keptLabel,
        name,
        source,
        path,
        relativePath,
        files: names.length,
        names: names.join('/'),
        ...(archived && { archived: sliceFiles(archived, from, from + names.length) }),
      })
      from += names.length
      done += names.length
      if (done === end) shard++
    }
  }
  return ranges
}
