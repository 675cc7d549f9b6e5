import type { Findings } from './findings.js'
import type { MeasuredImages } from './measure-dataset.js'
import type { PersonVectors } from './person-vectors.js'

/** The weightiest first: a wrong person in a training set costs more than a dark photo. */
export const ruleNames = [
  'outlier',
  'two-people',
  'undecodable',
  'byte-identical',
  'near-duplicate',
  'small',
  'blurred',
  'dark',
] as const

export type RuleName = (typeof ruleNames)[number]

/** What rules look at. */
export interface ExaminedImages extends MeasuredImages {
  /** Missing where no model was given. */
  people: PersonVectors | undefined
}

/** One thing that may be wrong with images of a training set. */
export interface Rule {
  name: RuleName
  /** What is wrong, and what the value says, for reports. */
  summary: string
  /** What the threshold is, for the option of the rule's name. Missing where a rule has none. */
  threshold?: {
    description: string
    default: number
    minimum: number
    maximum: number
    /** On which side of it an image is found. */
    found: 'below' | 'up to'
  }
  needsModel: boolean
  find(images: ExaminedImages, threshold: number, findings: Findings): void
}
