/** Vectors of a block of products: enough for a core's full speed, few enough for its cache. */
export const BLOCK_ROWS = 1024

/** For each vector of a set the most similar one of another set: its position, and the cosine. */
export interface Best {
  /** -1 where there is none. */
  positions: Int32Array
  scores: Float32Array
}

export function noBest(count: number): Best {
  return { positions: new Int32Array(count).fill(-1), scores: new Float32Array(count).fill(-2) }
}

/** Takes over what is better; of equals the one that stands first. @param first position in `best` of the first of `others` */
export function mergeBest(best: Best, others: Best, first: number): void {
  for (let i = 0; i < others.positions.length; i++) {
    const [position, score] = [others.positions[i]!, others.scores[i]!]
    if (position === -1) continue
    const [held, at] = [best.scores[first + i]!, best.positions[first + i]!]
    if (score < held || (score === held && at !== -1 && at <= position)) continue
    best.positions[first + i] = position
    best.scores[first + i] = score
  }
}
