import type { z } from 'zod'
import type { NodeList } from '../node-list.js'

/**
 * `straight-through`: the gradient of an angular margin is taken as 1, what upstream does. `exact`: its derivative.
 */
export type MarginGradient = 'straight-through' | 'exact'

/** What a margin builds on. */
export interface MarginContext<Options> {
  list: NodeList
  options: Options
  /** Node of the cosine between each embedding and its own class centre, [N, 1]. */
  target: string
  gradient: MarginGradient
}

/** One kind of margin: how it changes the cosine of the true class. Its nodes are primitive operations. */
export interface MarginKind<Schema extends z.ZodType> {
  /** Its name and numbers, as the `head` key of a config has them. */
  options: Schema
  /** Whether both margin gradients exist and differ. */
  hasGradients: boolean
  /** Cosines are clipped to this from both sides; 1 without it. */
  cosineLimit?: number
  /** Adds nodes; returns the name of the cosine with its margin, [N, 1]. Earlier nodes are `embedding` [N, size] and `target`. */
  nodes(context: MarginContext<z.output<Schema>>): string
}
