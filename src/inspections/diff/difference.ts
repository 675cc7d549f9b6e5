/** One side of a comparison. */
export interface DiffSide {
  name: string
  /** Its folder, behind all links. */
  path: string
  images: number
  /** Identities that have images. */
  identities: number
}

/** How many identities and images differ between two datasets. */
export interface DifferenceCounts {
  from: DiffSide
  to: DiffSide
  identities: {
    added: number
    removed: number
    kept: number
    /** Kept under the same name with another label. */
    relabelled: number
  }
  images: {
    added: number
    removed: number
    /** The same bytes under another identity. */
    moved: number
    /** The same path under the same identity, with other bytes. */
    changed: number
    /** The same bytes under the same identity. */
    unchanged: number
  }
}

/** An identity that differs. Labels are missing on the side where it is not. */
export interface IdentityChange {
  kind: 'added' | 'removed' | 'relabelled'
  name: string
  fromLabel?: number
  toLabel?: number
}

/** An image that differs. */
export interface ImageChange {
  kind: 'added' | 'removed' | 'moved' | 'changed'
  /** Name of its identity: of a moved one, where it was. */
  identity: string
  /** Of a moved one: where it is now. */
  toIdentity?: string
  /** In its source; empty where it is not known. */
  path: string
  /** Of its record: an added one in the second dataset, any other in the first. */
  key: number
}
