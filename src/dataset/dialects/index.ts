import type { Dialect, WrittenDialect } from './dialect.js'
import { im2rec } from './im2rec.js'
import { insightface } from './insightface.js'

export { detectLayout, type Layout } from './detect.js'
export type { Dialect, DialectName, NumberRecord, WrittenDialect } from './dialect.js'

/** The dialects that datasets are written in. */
export const writtenDialects = ['insightface', 'im2rec'] as const

export const dialects: Record<WrittenDialect, Dialect> = { insightface, im2rec }
