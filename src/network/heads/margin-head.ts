import type { Node } from '../node.js'
import { NodeList } from '../node-list.js'
import type { MarginGradient } from './margin.js'
import { type Margin, marginKind } from './margins.js'

/** A softmax over the cosines between embeddings and class centres, with a margin on the true class. */
export interface MarginHead {
  margin: Margin
  /** Factor on the logits, 64 upstream. */
  scale: number
  marginGradient: MarginGradient
  /** Cosines of other classes above it become 0; 0 filters nothing. */
  interclassFilteringThreshold: number
}

/** Spread of the class centres before training, as upstream. */
const CENTRE_DEVIATION = 0.01

/**
 * Nodes of a head: inputs `embedding` [N, size] and `labels` int32 [N], the last node the loss, a scalar.
 * Parameters are `weight` [classes, size], the class centres, and what statistics the margin keeps.
 */
export function marginHeadNodes(
  { margin, scale, marginGradient, interclassFilteringThreshold: threshold }: MarginHead,
  size: { classes: number; embedding: number },
): readonly Node[] {
  const kind = marginKind(margin.name)
  const list = new NodeList()
  const centres = list.classParameter('weight', [size.classes, size.embedding], CENTRE_DEVIATION)
  const rows = list.operation('l2Normalize', 'normalized_centres', [centres], {})
  const embedding = list.operation('l2Normalize', 'normalized_embedding', ['embedding'], {})
  const products = list.operation('matmul', 'products', [embedding, rows], {})
  const limit = kind.cosineLimit ?? 1
  let cosines = list.operation('clip', 'cosines', [products], { minimum: -limit, maximum: limit })
  if (threshold > 0) {
    cosines = list.operation('filterOthers', 'filtered_cosines', [cosines, 'labels'], { threshold })
  }
  const target = list.operation('selectLabel', 'target', [cosines, 'labels'], {})
  const widened = kind.nodes({ list, options: margin, target, gradient: marginGradient })
  const replaced = list.operation('replaceLabel', 'with_margin', [cosines, widened, 'labels'], {})
  const logits = list.operation('scale', 'logits', [replaced], { factor: scale, offset: 0 })
  list.operation('softmaxCrossEntropy', 'loss', [logits, 'labels'], {})
  return list.nodes
}
