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
