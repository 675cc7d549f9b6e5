export { allEnded } from './all-ended.js'
export { AtomicFile, writeFileAtomically } from './atomic-file.js'
export { BlockWriter } from './block-writer.js'
export type { ByteSink } from './byte-sink.js'
export { copyFile } from './copy-file.js'
export {
  isMissing,
  makeDirectory,
  removeEmptyDirectory,
  removeTree,
  removeWhole,
  renamePath,
  replaceLink,
  syncDirectory,
} from './directory.js'
export { createExclusively, fileSystemTime, touchOwnFile } from './exclusive-file.js'
export { type NewFile, writeFileBatch } from './file-batch.js'
export { InputFile, readWholeFile } from './input-file.js'
export { OutputFile } from './output-file.js'
export { shortPath } from './short-path.js'
export { inputErrorFrom, outputErrorFrom } from './system-error.js'
export { observeWrites, type WriteEvent } from './write-events.js'
