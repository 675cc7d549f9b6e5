import { z } from 'zod'
import { datasetsOption, option } from '../common-options.js'

/** A page of so many thumbnails has about a megabyte. */
const MOST_PHOTOS = 300

export const reportOptions = z.object({
  inputs: option(z.array(z.string().min(1)).min(1, 'at least one dataset or run is needed'), {
    description:
      'datasets, by name or path, and folders of training runs: side by side where there are several',
    argument: 'DATASET|RUN',
    positional: true,
  }),
  output: option(z.string().min(1), {
    description: 'the page to write: one file that needs no other and no network',
    argument: 'FILE.html',
    short: 'o',
  }),
  datasets: datasetsOption,
  photos: option(z.number().int().min(0).max(MOST_PHOTOS).default(48), {
    description: `photos on the contact sheet of each dataset, up to ${MOST_PHOTOS}`,
    argument: 'N',
  }),
  seed: option(z.number().int().min(0).default(1), {
    description: 'seed of the draw of people for the contact sheet',
    argument: 'S',
  }),
  'no-faces': option(z.boolean().default(false), { description: 'leave out photos and names of people' }),
  'clean-report': option(z.array(z.string().min(1)).optional(), {
    description: 'show what clean --dry-run found in a dataset: the folder that it wrote (repeatable)',
    argument: 'FOLDER',
  }),
})

export type ReportOptions = z.infer<typeof reportOptions>
