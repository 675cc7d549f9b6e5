import type { TrainingConfig } from '../training/index.js'

/** `margin_list` of a config for upstream; undefined where upstream has no such margin. */
export function upstreamMargin({
  head,
  margin_list: [m1, m2, m3],
}: TrainingConfig): [number, number, number] | undefined {
  switch (head?.name) {
    case undefined:
      return m3 > 0 || (m1 === 1 && m3 === 0) ? [m1, m2, m3] : undefined
    case 'arcface':
      return [1, head!.m, 0]
    case 'cosface':
      return [1, 0, head!.m]
    default:
      return undefined
  }
}
