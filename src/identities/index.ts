export { type Best, noBest } from './best.js'
export { type CentreOptions, CentreSums, type Centres, identityCentres } from './centres.js'
export { findMatches } from './find-matches.js'
export {
  type IdentityMatch,
  type IdentityPlace,
  isBefore,
  type MatchAction,
  matchActions,
} from './identity-match.js'
export { type BetweenMatches, type MatchOptions, type MatchSide, matchBetween } from './match-between.js'
export { defaultRule, type MatchRule } from './match-rule.js'
export { matchWithin, type WithinMatches } from './match-within.js'
export { NearestSearch, type VectorSet } from './nearest.js'
export { refuseChains } from './refuse-chains.js'
