/**
 * What tells that somebody is on both sides: the name, the centres, a photo of the one and the centre of the other, or
 * byte-identical images.
 */
export const evidences = ['name', 'embedding', 'bytes'] as const
export type Evidence = (typeof evidences)[number]

/** An identity; of a bin, which does not tell its people, an image. */
export type PersonSide = { label: number; name?: string } | { image: string }

/** Somebody who is on both sides. */
export interface CommonPerson {
  a: PersonSide
  b: PersonSide
  by: Evidence[]
  /** Cosine of the centres, or of an image of a bin to the centre; missing without a model. */
  cosine?: number
}

/** @param name undefined where the dataset does not tell it */
export function identitySide(label: number, name: string | undefined): PersonSide {
  return name === undefined ? { label } : { label, name }
}

export function describeSide(side: PersonSide): string {
  return 'image' in side ? side.image : (side.name ?? `label ${side.label}`)
}

/** Four decimals, as reviews have it. */
export function shownCosine(cosine: number): number {
  return Number(cosine.toFixed(4))
}
