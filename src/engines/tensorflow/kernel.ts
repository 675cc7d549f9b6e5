import type { NodeOf, Op } from '../../network/index.js'
import type { Kernel as KernelOf, Lowering as LoweringOf } from '../kernel.js'
import type { Graph, Value } from './graph.js'

/** Parameters lie in the form of `filter-form.ts`. */
export type Lowering = LoweringOf<Graph, Value>

/** Images lie in the graph's layout. */
export type Kernel<O extends Op> = KernelOf<Graph, Value, NodeOf<O>>
