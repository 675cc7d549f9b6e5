export { ArrowFileReader, type ColumnValues, readArrowFile } from './file-reader.js'
export { ArrowFileWriter, BATCH_ROWS } from './file-writer.js'
export type { ArrowColumn } from './footer.js'
export { TextColumn } from './text-column.js'
