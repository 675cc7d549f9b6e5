import type { Node } from '../node.js'
import { NodeList } from '../node-list.js'

/**
 * A full softmax over the cosines between embeddings and class centres, with a margin on the true class.
 * m3 > 0: CosFace, cos - m3, m1 and m2 ignored. m1 = 1 and m3 = 0: ArcFace, cos(angle + m2).
 * Else the combined form of the ArcFace paper, cos(m1 * angle + m2) - m3 (Deng et al., arXiv 1801.07698, equation 4).
 */
export interface MarginHead {
  m1: number
  m2: number
  m3: number
  /** Factor on the logits, 64 upstream. */
  scale: number
  /**
   * `straight-through`: the gradient of the angular margin is taken as 1, what upstream does.
   * `exact`: its derivative; ArcFace then continues linearly below cos(pi - m2), where the margin would turn round.
   */
  marginGradient: 'straight-through' | 'exact'
  /** Cosines of other classes above it become 0; 0 filters nothing. */
  interclassFilteringThreshold: number
}

/** Spread of the class centres before training, as upstream. */
const CENTRE_DEVIATION = 0.01

/**
 * Nodes of a head: inputs `embedding` [N, size] and `labels` int32 [N], the last node the loss, a scalar.
 * Its one parameter is `weight` [classes, size], the class centres.
 */
export function marginHeadNodes(
  head: MarginHead,
  size: { classes: number; embedding: number },
): readonly Node[] {
  const list = new NodeList()
  const centres = list.classParameter('weight', [size.classes, size.embedding], CENTRE_DEVIATION)
  const rows = list.operation('l2Normalize', 'normalized_centres', [centres], {})
  const embedding = list.operation('l2Normalize', 'normalized_embedding', ['embedding'], {})
  const products = list.operation('matmul', 'products', [embedding, rows], {})
  let cosines = list.operation('clip', 'cosines', [products], { minimum: -1, maximum: 1 })
  if (head.interclassFilteringThreshold > 0) {
    const threshold = head.interclassFilteringThreshold
    cosines = list.operation('filterOthers', 'filtered_cosines', [cosines, 'labels'], { threshold })
  }
  const target = list.operation('selectLabel', 'target', [cosines, 'labels'], {})
  const margin = head.m3 > 0 ? additiveCosine(list, target, head) : additiveAngle(list, target, head)
  const replaced = list.operation('replaceLabel', 'with_margin', [cosines, margin, 'labels'], {})
  const logits = list.operation('scale', 'logits', [replaced], { factor: head.scale, offset: 0 })
  list.operation('softmaxCrossEntropy', 'loss', [logits, 'labels'], {})
  return list.nodes
}

function additiveCosine(list: NodeList, target: string, { m3 }: MarginHead): string {
  return list.operation('scale', 'target_margin', [target], { factor: 1, offset: -m3 })
}

function additiveAngle(list: NodeList, target: string, { m1, m2, m3, marginGradient }: MarginHead): string {
  const angle = list.operation('acos', 'angle', [target], {})
  const widened = list.operation('scale', 'widened_angle', [angle], { factor: m1, offset: m2 })
  let margin = list.operation('cos', 'angular_margin', [widened], {})
  if (m3 !== 0) margin = list.operation('scale', 'combined_margin', [margin], { factor: 1, offset: -m3 })
  if (marginGradient === 'straight-through') {
    return list.operation('straightThrough', 'target_margin', [margin, target], {})
  }
  if (m1 !== 1 || m3 !== 0) return margin
  // Past pi the cosine would rise again; a line continues it downwards there.
  const line = list.operation('scale', 'line', [target], { factor: 1, offset: -Math.sin(Math.PI - m2) * m2 })
  const threshold = Math.cos(Math.PI - m2)
  return list.operation('selectAbove', 'target_margin', [target, margin, line], { threshold })
}
