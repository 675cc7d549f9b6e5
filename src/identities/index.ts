export { type Best, noBest } from './best.js'
export { type CentreOptions, CentreSums, type Centres, identityCentres } from './centres.js'
export { NearestSearch, type VectorSet } from './nearest.js'
