import type { IdentityTable } from '../identities.js'

/**
 * How records are laid out. `packed-labels` is read, not written: its images are those of im2rec, with several labels
 * each, the first of which is the identity.
 */
export type DialectName = 'insightface' | 'im2rec' | 'packed-labels'

/** A record that holds no image: numbers for loaders. */
export interface NumberRecord {
  key: number
  labels: Float32Array
}

/** The dialects that datasets are written in. */
export type WrittenDialect = Exclude<DialectName, 'packed-labels'>

/** How a dialect is written. */
export interface Dialect {
  name: WrittenDialect
  /** Key of the first image; the others follow without gaps, in file order. */
  firstKey: number
  /** Whether images come by identity, in the order of labels. */
  grouped: boolean
  /** The largest number of records, those without an image among them; why, and what else to do. */
  recordLimit: { count: number; reason: string }
  /** The records after the last image. */
  trailer(images: number, identities: IdentityTable): Generator<NumberRecord>
}
