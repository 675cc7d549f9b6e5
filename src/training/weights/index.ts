export { describeFile, type ExportedFile, exportFile } from './file-export.js'
export { isWeightsFile } from './weights-file.js'
