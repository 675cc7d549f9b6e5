import { marginKind, marginOfList } from '../../network/index.js'
import type { TrainingConfig } from './training-config.js'

/** What a config says of the margin and the head does not use, in sentences. */
export function unusedMarginKeys(
  { head, margin_list, margin_gradient }: TrainingConfig,
  isGiven: (key: string) => boolean,
  placeOf: (key: string) => string,
): { notices: string[]; warnings: string[] } {
  const [notices, warnings]: [string[], string[]] = [[], []]
  const margin = head ?? marginOfList(margin_list)
  if (head !== undefined && isGiven('margin_list')) {
    warnings.push(`${placeOf('margin_list')}: margin_list is not used: head is ${head.name}`)
  }
  if (!marginKind(margin.name).hasGradients && isGiven('margin_gradient') && margin_gradient === 'exact') {
    notices.push(
      `${placeOf('margin_gradient')}: margin_gradient is not used: ${margin.name} has one gradient`,
    )
  }
  const [m1, m2, m3] = margin_list
  if (head === undefined && m3 > 0 && (m1 !== 1 || m2 !== 0)) {
    notices.push(`margin_list [${m1}, ${m2}, ${m3}]: m3 > 0 is CosFace, so m1 and m2 are not used`)
  }
  return { notices, warnings }
}
