/** What the server and the page tell each other, as JSON. It imports nothing: both sides compile it. */

export const sortNames = ['label', 'name', 'most', 'fewest', 'noise', 'similarity'] as const

/**
 * Orders of identities: by label, by name, most or fewest images first, most images that rules of `clean` found first,
 * those whose photos are least alike first.
 */
export type SortName = (typeof sortNames)[number]

/** Where images came from. */
export interface Origin {
  kind: string
  name: string
  licence?: string | undefined
  origin?: string | undefined
  sources?: Origin[] | undefined
}

export interface Overview {
  tool: string
  datasets: DatasetOverview[]
  reviews: ReviewOverview[]
}

export interface DatasetOverview {
  name: string
  folder: string
  images: number
  identities: number
  /** Labels that no image has. */
  emptyIdentities: number
  /** Pixels; 0 where nothing tells. */
  width: number
  height: number
  dialect: string
  /** Missing for a dataset of another tool. */
  madeBy?: string
  sources: Origin[]
  /** Orders that cannot be had, and what they need. */
  missingSorts: { sort: SortName; why: string }[]
  /** What a person should know of it, in words. */
  notices: string[]
}

/** An identity in the grid. */
export interface PersonRow {
  label: number
  name?: string
  images: number
  /** Position of its first image; -1 where it has none. */
  cover: number
  /** Of the order by noise or similarity: images found, or mean likeness; missing where it has none. */
  value?: number
}

export interface PeoplePage {
  /** People that the search found. */
  total: number
  rows: PersonRow[]
}

/** Where an identity came from. */
export interface PersonOrigin {
  source?: Origin
  name?: string
  /** -1: it had none. */
  label: number
}

export interface Person extends PersonRow {
  /** The first one, and those that were joined with it. */
  origins: PersonOrigin[]
}

export const photoSortNames = ['file', 'similarity', 'noise'] as const
export type PhotoSortName = (typeof photoSortNames)[number]

/** An image with all that is known of it. */
export interface PhotoRow {
  position: number
  key: number
  label: number
  /** Where its record begins in the `.rec` file, and payload bytes of the record. */
  offset: number
  length: number
  /** Of the image file. */
  bytes?: number
  format?: string
  width?: number
  height?: number
  /** In hex. */
  xxh64?: string
  path?: string
  source?: string
  /** How much it is like the others of its identity, -1 to 1. */
  similarity?: number
  /** What rules of `clean` found. */
  findings: PhotoFinding[]
  /** Why it cannot be shown, or is not what was stored. */
  fault?: string
}

export interface PhotoFinding {
  rule: string
  value?: number
  also?: string
}

export interface PhotoPage {
  total: number
  rows: PhotoRow[]
  /** Why the photos have no similarity. */
  noSimilarity?: string
}

export type ReviewKind = 'matches' | 'clean'

/** A queue of doubtful cases that a person decides. */
export interface ReviewOverview {
  kind: ReviewKind
  /** What it is called: its file. */
  name: string
  file: string
  /** File of the answers. */
  answers: string
  /** The command that does what the answers say. */
  command: string
  /** Answers to cases that the queue does not list, kept from before. */
  others: number
  progress: ReviewProgress
  /** The first case without an answer; 0 where every case has one. */
  next: number
}

export interface ReviewProgress {
  total: number
  answered: number
  /** How often each answer was given. */
  counts: Record<string, number>
}

/** One of the two identities of a pair. */
export interface ReviewSide {
  dataset: number
  datasetName: string
  label: number
  name?: string
  images: number
  /** Some of its images, spread over all. */
  photos: number[]
}

interface CommonReviewItem {
  index: number
  /** What the queue would do. */
  suggested: string
  /** Missing where nobody answered. */
  answer?: string
  progress: ReviewProgress
  /** The first case behind this one that has no answer; -1 where there is none. */
  next: number
}

export interface MatchItem extends CommonReviewItem {
  kind: 'matches'
  /** Cosine of the centres. */
  score?: number
  reason: string
  sides: [ReviewSide, ReviewSide]
}

export interface CleanItem extends CommonReviewItem {
  kind: 'clean'
  dataset: number
  rule: string
  value: string
  threshold: string
  also: string
  photo: PhotoRow
  person: ReviewSide
  /** The image that it is like, or of which it is not. */
  like?: { photo: PhotoRow; name?: string }
}

export type ReviewItem = MatchItem | CleanItem

/** Answers of each kind of review: what they are called in its file. */
export const reviewAnswers = {
  matches: ['merge', 'keep', 'drop'],
  clean: ['keep', 'drop', 'split'],
} as const satisfies Record<ReviewKind, readonly string[]>

/** What is sent to answer, or with null to take an answer back. */
export interface AnswerRequest {
  answer: string | null
}

export interface AnswerResponse {
  progress: ReviewProgress
  next: number
}

export interface Failure {
  error: string
}
