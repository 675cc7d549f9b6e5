export { PAYLOAD_LIMIT, recordBytes } from './framing.js'
export {
  IMAGE_HEADER_BYTES,
  type ImageHeader,
  imageId,
  packImageHeader,
  singleLabel,
  unpackImage,
  writeImageHeader,
} from './image-header.js'
export { indexLine, type RecordIndex, readIndex } from './index-file.js'
export { RecordReader, readRecordSync } from './reader.js'
export type { StoredRecord } from './record.js'
export type { JudgeRecord } from './record-search.js'
export { type RecordStart, readRecordStart } from './record-start.js'
export {
  type DamagedRange,
  type Flaw,
  type FlawedRecord,
  type SalvagedBatch,
  type SalvageOptions,
  salvageRecords,
} from './salvage.js'
export { RecordWriter } from './writer.js'
