import { z } from 'zod'

const probability = z.number().min(0).max(1).describe('Probability of this step.')

/** Drawn uniformly between the two. */
const range = (schema: z.ZodNumber) =>
  z.tuple([schema, schema]).refine(([low, high]) => low <= high, { error: 'the first is above the second' })

/** Ranges and their defaults are those of upstream's DALI pipeline (`dataset.py`, `dali_data_iter`). */
const stepsSchema = z.strictObject({
  flip: probability.default(0.5).describe('Probability of mirroring an image left to right.'),
  resize: z
    .strictObject({
      probability,
      scale: range(z.number().gt(0).lte(1)).default([0.5, 0.8]).describe('Parts of its side.'),
    })
    .optional()
    .describe('Scale an image down, to a part of its side within the range, and up again.'),
  blur: z
    .strictObject({
      probability,
      radius: range(z.number().int().min(1).max(16)).default([1, 2]).describe('Pixels.'),
    })
    .optional()
    .describe('Gaussian blur with a window of 2 * radius + 1 pixels.'),
  hue_saturation: z
    .strictObject({
      probability,
      hue: range(z.number().min(-180).max(180)).default([0, 20]).describe('Degrees.'),
      saturation: range(z.number().min(0).max(4)).default([1, 1.2]).describe('Factors.'),
    })
    .optional()
    .describe('Turn hues by degrees within the range, and multiply saturation by a factor within the range.'),
  gray: probability.optional().describe('Probability of removing all colour.'),
})

/** How images are changed at random; an absent step is never taken. */
export type AugmentationSteps = z.output<typeof stepsSchema>

const NAMED = {
  /** What upstream does without DALI. */
  flip: { flip: 0.5 },
  /** Upstream's `dali_aug`. */
  dali: {
    flip: 0.5,
    resize: { probability: 0.1, scale: [0.5, 0.8] },
    blur: { probability: 0.2, radius: [1, 2] },
    hue_saturation: { probability: 0.2, hue: [0, 20], saturation: [1, 1.2] },
    gray: 0.1,
  },
} as const satisfies Record<string, z.output<typeof stepsSchema>>

export const augmentationSchema = z
  .union([z.enum(['flip', 'dali']), stepsSchema], {
    error: 'expected flip, dali, or steps such as {flip: 0.5, blur: {probability: 0.2}, gray: 0.1}',
  })
  .default('flip')
  .describe(
    'How images are changed at random before training sees them: flip, dali (the set that upstream uses with ' +
      'dali_aug), or the steps with their probabilities.',
  )

export type Augmentation = z.output<typeof augmentationSchema>

/** The steps of a named set, or those given. */
export function augmentationSteps(augmentation: Augmentation): AugmentationSteps {
  return typeof augmentation === 'string' ? structuredClone(NAMED[augmentation]) : augmentation
}
