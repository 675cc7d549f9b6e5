export {
  type Attribute,
  type Dimension,
  type ElementType,
  ElementTypes,
  type Initializer,
  type OnnxModel,
  type OnnxNode,
  type ValueInfo,
} from './model.js'
export { type ModelSignature, readSignature } from './read-model.js'
export { replacePrelus } from './replace-prelus.js'
export { encodeModel } from './write-model.js'
