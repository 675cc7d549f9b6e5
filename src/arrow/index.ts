export { ArrowFileReader, readArrowFile } from './file-reader.js'
export { ArrowFileWriter, BATCH_ROWS } from './file-writer.js'
export { TextColumn } from './text-column.js'
