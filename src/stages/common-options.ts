import { z } from 'zod'

/**
 * How an option meets the command line. An option without `argument` is a flag.
 * `positional` takes the words after the command; `short` is a one-letter form (`-o`).
 */
export interface OptionMeta {
  description: string
  argument?: string
  positional?: true
  short?: string
}

/** Attaches command-line help to a schema. */
export function option<T extends z.ZodType>(schema: T, meta: OptionMeta): T {
  return schema.meta(meta as unknown as Record<string, unknown>) as T
}

/** Where dataset names resolve; every stage that reads or writes a dataset has it. */
export const datasetsOption = option(z.string().optional(), {
  description: 'folder in which dataset names are looked up (default: $FACEDATA_DATASETS, else ./datasets)',
  argument: 'DIR',
})

/** Every stage that gives labels has it. */
export const labelsFromOption = option(z.string().min(1).optional(), {
  description: 'keep the labels that identities have in this dataset; new ones get the next numbers',
  argument: 'DATASET',
})

/** Options of every stage that can leave people out of the dataset that it writes. */
export const leavingOptions = {
  exclude: option(z.array(z.string().min(1)).optional(), {
    description:
      'leave out the people of this test set, a bin or dataset: by byte-identical images, with --model by embeddings too',
    argument: 'BIN|DATASET',
  }),
  'exclude-threshold': option(z.number().min(-1).max(1).default(0.55), {
    description:
      'cosine of a test image to the nearest centre of an identity from which on it is the same person',
    argument: 'T',
  }),
  remove: option(z.string().min(1).optional(), {
    description:
      'leave out the people whose names stand in this file, one a line, here or in the dataset they came from',
    argument: 'NAMES.txt',
  }),
}

export type LeavingOptions = z.infer<z.ZodObject<typeof leavingOptions>>
