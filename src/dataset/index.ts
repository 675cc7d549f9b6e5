export { checkCapacity } from './capacity.js'
export {
  datasetNames,
  datasetsFolder,
  locateDataset,
  resolveDataset,
  resolveOutputDataset,
} from './catalog.js'
export { Dataset } from './dataset.js'
export { type DatasetFiles, findDatasetFiles } from './dataset-files.js'
export { DatasetWriter, type NewDataset, type NewImage, type SkippedImage } from './dataset-writer.js'
export { type DescribedImage, describedBatches, describedImages } from './described-images.js'
export {
  type DatasetDescription,
  fingerprintOf,
  formatDescription,
  readDescription,
  type Source,
  TOOL,
  withFingerprint,
} from './description.js'
export { type DialectName, type WrittenDialect, writtenDialects } from './dialects/index.js'
export { foreignFingerprint } from './foreign-fingerprint.js'
export { groupedBatches } from './grouped-images.js'
export { GrowingColumn } from './growing-column.js'
export { HashedFile, HashedText } from './hashed-file.js'
export {
  countIdentities,
  type Identity,
  type IdentityBatch,
  type IdentityTable,
  identityBatches,
  type JoinedIdentity,
  writeIdentities,
} from './identities.js'
export { imageFormatCode, imageFormats } from './image-format.js'
export { imagePaths } from './image-paths.js'
export type { ImageRange } from './image-range.js'
export { meanOf, percentileOf, sortedCounts } from './images-per-identity.js'
export { LARGEST_EXACT_FLOAT32 } from './label.js'
export { type DerivedSources, derivedIdentities, derivedSource, derivedSources } from './lineage.js'
export { type ListColumns, readListColumns } from './list-columns.js'
export { type ListRow, listBatches, listLine, readList } from './list-file.js'
export {
  type ManifestBatch,
  type ManifestRow,
  ManifestRows,
  ManifestWriter,
  readManifest,
} from './manifest.js'
export { formatProperty, type Property, readProperty } from './property.js'
export {
  type Publication,
  type PublishOptions,
  publishDataset,
  publishTogether,
  refuseExisting,
  type WrittenDataset,
} from './publish.js'
export { RecordKeys } from './record-keys.js'
export type { RecordTable } from './record-table.js'
export { describeLost, type LostRecords, type ScannedRecords, scanRecords } from './scanned-records.js'
export { readSkippedReasons, type SkippedReason, withoutNames } from './skipped-reasons.js'
export {
  type CachedImage,
  type CachedSource,
  type SourceCacheOrigin,
  SourceCacheWriter,
} from './source-cache.js'
export { type CachedFolder, SourceCacheReader } from './source-cache-reader.js'
export { readImageSync, type StoredImage, storedImage } from './stored-image.js'
export { judgeImage } from './whole-image.js'
