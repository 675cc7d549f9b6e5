export type {
  Attribute,
  Dimension,
  ElementType,
  Initializer,
  OnnxModel,
  OnnxNode,
  ValueInfo,
} from './model.js'
export { type ModelSignature, readSignature } from './read-model.js'
export { encodeModel } from './write-model.js'
