import { type Rule, type RuleName, ruleNames } from '../rule.js'
import { blurred } from './blurred.js'
import { byteIdentical } from './byte-identical.js'
import { dark } from './dark.js'
import { nearDuplicate } from './near-duplicate.js'
import { outlier } from './outlier.js'
import { small } from './small.js'
import { twoPeople } from './two-people.js'
import { undecodable } from './undecodable.js'

const byName: Record<RuleName, Rule> = {
  outlier,
  'two-people': twoPeople,
  undecodable,
  'byte-identical': byteIdentical,
  'near-duplicate': nearDuplicate,
  small,
  blurred,
  dark,
}

/** All rules, the weightiest first. */
export const rules: readonly Rule[] = ruleNames.map((name) => byName[name])

export function ruleOf(name: RuleName): Rule {
  return byName[name]
}
