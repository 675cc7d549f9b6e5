export { ListPairWriter, type PickleSink } from './list-pair-writer.js'
export { NumpyArray } from './numpy.js'
export { defaultGlobals, type ReadPickleOptions, readPickle } from './reader.js'
export {
  PickleDict,
  PickleFault,
  PickleGlobal,
  type PickleGlobals,
  PickleObject,
  type PickleValue,
} from './values.js'
