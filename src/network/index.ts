export type { BackboneSize } from './backbones/backbone-size.js'
export { type IResNetShape, iresnet, iresnets } from './backbones/iresnet.js'
export { type MobileFaceNetShape, mobilefacenet, mobilefacenets } from './backbones/mobilefacenet.js'
export { type NetworkName, namedBackbone, networkNames } from './backbones/named.js'
export type { MarginGradient } from './heads/margin.js'
export { type MarginHead, marginHeadNodes } from './heads/margin-head.js'
export { type Margin, marginKind, marginOfList, marginSchema } from './heads/margins.js'
export { type CentreDraw, sampleCentres, sampledCentreCount } from './heads/sampled-centres.js'
export { elementCount, fillInitialValues, initialValues, parametersOf } from './initialisation.js'
export {
  type Backbone,
  convolvedSize,
  type Initial,
  type Node,
  type NodeOf,
  type Op,
  type OperationAttributes,
  type ParameterSpec,
} from './node.js'
export { NodeList } from './node-list.js'
export { ADAMW_BETAS, ADAMW_EPSILON, type AdamwOptions } from './optimizers/adamw.js'
export { OPTIMIZER_SLOTS, type OptimizerOptions } from './optimizers/optimizer.js'
export type { SgdOptions } from './optimizers/sgd.js'
