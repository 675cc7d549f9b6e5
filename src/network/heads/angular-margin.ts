import type { NodeList } from '../node-list.js'

/** Nodes of cos(factor * angle + offset), of a cosine. */
export function angularMargin(
  list: NodeList,
  cosine: string,
  widening: { factor: number; offset: number },
): string {
  const angle = list.operation('acos', 'angle', [cosine], {})
  const widened = list.operation('scale', 'widened_angle', [angle], widening)
  return list.operation('cos', 'angular_margin', [widened], {})
}
