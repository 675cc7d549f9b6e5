/** What can be told of an artifact by a number, and what a pipeline may expect of it before it is published. */
export const measureNames = ['identities', 'images', 'pairs', 'accuracy'] as const

export type Measure = (typeof measureNames)[number]

/** Those that an artifact has. `identities` counts people with images; `accuracy` is between 0 and 1. */
export type Measures = { [name in Measure]?: number | undefined }

/** Asked before anything is published. @throws GuardError where it must not be */
export type Approve = (measures: Measures) => void
