export { describeFile, type ExportedFile, exportFile } from './file-export.js'
export { initPlaces } from './init-places.js'
export { readInitialWeights } from './initial-weights.js'
export { isWeightsFile } from './weights-file.js'
