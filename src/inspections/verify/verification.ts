import type { Fault } from '../../errors/index.js'

/** What a fault is about. */
export type FaultKind =
  /** A file that is missing, cannot be read, or has other bytes than `dataset.json` says. */
  | 'file'
  /** Parts of the `.rec` file that are no records, or records that are not written as the format asks. */
  | 'structure'
  /** Index and records disagree. */
  | 'index'
  /** The id in a record's header is not its key. */
  | 'id'
  | 'label'
  /** Record 0 of the insightface dialect. */
  | 'header'
  /** An identity record of the insightface dialect. */
  | 'range'
  | 'list'
  | 'property'
  /** `dataset.json` */
  | 'description'
  | 'manifest'
  | 'identities'
  /** The bytes of an image. */
  | 'image'
  /** Width, height or format of an image. */
  | 'size'
  | 'decode'

/** One thing that is wrong. `file` is a name in the dataset's folder. */
export interface DatasetFault extends Fault {
  kind: FaultKind
  file: string
  record?: number
  expected?: string | number
  actual?: string | number
}

/** What was checked, and how much of it is wrong. The faults themselves are handed out as they are found. */
export interface DatasetVerification {
  name: string
  /** The dataset's folder, behind all links. */
  path: string
  /** Bytes of the `.rec` file. */
  bytes: number
  /** Records that can be read, and the images among them. */
  records: number
  images: number
  /** Labels that have images. */
  identities: number
  /** Images that were decoded; undefined where that was not asked for. */
  decoded?: number
  faultCount: number
  /** Kinds without a fault are missing. */
  faultsByKind: Partial<Record<FaultKind, number>>
  /** What could not be checked, and why. */
  notChecked: string[]
}
