import { z } from 'zod'
import { adaface } from './adaface.js'
import { arcface } from './arcface.js'
import { combined } from './combined.js'
import { cosface } from './cosface.js'
import type { MarginKind } from './margin.js'

/** Every margin, by the name in its options. */
export const margins = { adaface, arcface, combined, cosface }

const [first, ...others] = Object.values(margins).map(({ options }) => options)

/** As a config has a margin: its name and its numbers. */
export const marginSchema = z.discriminatedUnion('name', [first!, ...others])

/** A margin and its numbers. */
export type Margin = z.output<typeof marginSchema>

/** The kind of a margin. The table pairs names with options, which its type cannot say for a union. */
export function marginKind(name: Margin['name']): MarginKind<z.ZodType<Margin>> {
  return margins[name] as unknown as MarginKind<z.ZodType<Margin>>
}

/**
 * What upstream's `margin_list` means: m3 > 0 is CosFace, m1 and m2 unused; m1 = 1 and m3 = 0 ArcFace; else the
 * combined form, which upstream refuses.
 */
export function marginOfList([m1, m2, m3]: readonly [number, number, number]): Margin {
  if (m3 > 0) return { name: 'cosface', m: m3 }
  if (m1 === 1 && m3 === 0) return { name: 'arcface', m: m2 }
  return { name: 'combined', m1, m2, m3 }
}
