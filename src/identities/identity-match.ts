/** An identity of one of several datasets. */
export interface IdentityPlace {
  /** Position of the dataset. */
  input: number
  label: number
}

/** What becomes of two identities that may be one: one label, the second one left out, or two labels. */
export const matchActions = ['merge', 'drop', 'keep'] as const
export type MatchAction = (typeof matchActions)[number]

/** Two identities of which it is known, or doubted, that they are one person. `a` stands before `b`. */
export interface IdentityMatch {
  a: IdentityPlace
  b: IdentityPlace
  /** Cosine of the centres, where they were compared. */
  score?: number
  action: MatchAction
  /** Why. */
  reason: string
}

export function isBefore(a: IdentityPlace, b: IdentityPlace): boolean {
  return a.input < b.input || (a.input === b.input && a.label < b.label)
}
