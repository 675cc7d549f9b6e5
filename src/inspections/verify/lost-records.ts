/** Records that an index or a manifest names, and that cannot be read. */
export interface LostRecords {
  count: number
  /** Key and offset of the first; undefined where there is none. */
  first: { key: number; offset: number } | undefined
}
