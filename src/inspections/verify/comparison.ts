import type { Property } from '../../dataset/index.js'
import type { DecodeCheck } from './decode-check.js'
import type { FaultReport } from './fault-report.js'
import type { KnownImages } from './image-digests.js'
import type { IndexCheck } from './index-check.js'
import type { LabelCheck } from './label-check.js'
import type { ListCheck } from './list-check.js'
import type { ManifestCheck } from './manifest-check.js'
import type { NumberRecords } from './number-records.js'
import type { ShapeCheck } from './shape-check.js'
import type { WholeFiles } from './whole-files.js'

/** Names of the files of a dataset in its folder, by which faults tell them. */
export interface FileNames {
  records: string
  index: string
  list: string
  property: string
  manifest: string
  identities: string
  description: string
}

/** What the records are compared with. What a dataset lacks, and what cannot be read, is undefined. */
export interface Comparison {
  names: FileNames
  report: FaultReport
  wholeFiles: WholeFiles
  property: Property | undefined
  index: IndexCheck | undefined
  list: ListCheck | undefined
  manifest: ManifestCheck | undefined
  /** Whether the ids in headers are the keys of records. */
  hasIds: boolean
  labels: LabelCheck
  numbers: NumberRecords
  shapes: ShapeCheck
  decode: DecodeCheck | undefined
  /** What is known of images beforehand. */
  known: KnownImages | undefined
}
