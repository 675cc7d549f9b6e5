export type { MarginHead } from './heads/margin-head.js'
export type { Backbone, Node, NodeOf, Op, OperationAttributes, ParameterSpec } from './node.js'
export type { SgdOptions } from './optimizers/sgd.js'
