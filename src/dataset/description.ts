import { createRequire } from 'node:module'
import { z } from 'zod'
import { InputError } from '../errors/index.js'
import { hashToHex, xxh64 } from '../hash/xxh64.js'
import { readWholeFile } from '../io/index.js'

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

/** What wrote a dataset. */
export const TOOL = `facedata ${version}`

const count = z.number().int().nonnegative()

/** A folder, an archive or a dataset that images came from. Manifests and identities name it by its position in `sources`. */
export interface Source {
  kind: 'folder' | 'archive' | 'dataset'
  name: string
  /** Of a dataset. */
  fingerprint?: string | undefined
  /** As stated by whoever published it. */
  licence?: string | undefined
  origin?: string | undefined
  /** What that dataset itself was made from. */
  sources?: Source[] | undefined
}

const sourceSchema: z.ZodType<Source> = z.object({
  kind: z.enum(['folder', 'archive', 'dataset']),
  name: z.string(),
  fingerprint: z.string().optional(),
  licence: z.string().optional(),
  origin: z.string().optional(),
  get sources() {
    return z.array(sourceSchema).optional()
  },
})

const descriptionSchema = z.object({
  format: z.literal(1),
  tool: z.string(),
  name: z.string(),
  dialect: z.enum(['insightface', 'im2rec', 'packed-labels']),
  /**
   * The records are another tool's: ids in headers need not be keys, and records without an image may stand between the
   * images. The manifest tells where the images are.
   */
  adopted: z.literal(true).optional(),
  images: count,
  identities: count,
  /** Labels that no image has. */
  emptyIdentities: count,
  skipped: count,
  height: count,
  width: count,
  stage: z.string(),
  options: z.unknown(),
  sources: z.array(sourceSchema),
  files: z.record(z.string(), z.object({ bytes: count, xxh64: z.string() })),
  fingerprint: z.string(),
})

/** `dataset.json`: what the dataset holds and how it was made. No time, host or duration. */
export type DatasetDescription = z.infer<typeof descriptionSchema>

/** Reads `dataset.json`. @throws InputError where it is not a description, or one of a later version */
export async function readDescription(path: string): Promise<DatasetDescription> {
  let content: unknown
  try {
    content = JSON.parse((await readWholeFile(path)).toString('utf8'))
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError({ file: path, problem: `not JSON: ${(error as Error).message}` }, { cause: error })
  }
  const parsed = descriptionSchema.safeParse(content)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  throw new InputError({
    file: path,
    problem: `not a dataset description that this version reads: ${issue.path.join('.')}: ${issue.message}`,
  })
}

/** Hash of everything else in the description, the hashes of all files among it: same content, same fingerprint. */
export function fingerprintOf(description: Omit<DatasetDescription, 'fingerprint'>): string {
  return hashToHex(xxh64(Buffer.from(JSON.stringify(description))))
}

export function withFingerprint(description: Omit<DatasetDescription, 'fingerprint'>): DatasetDescription {
  return { ...description, fingerprint: fingerprintOf(description) }
}

export function formatDescription(description: DatasetDescription): string {
  return `${JSON.stringify(description, undefined, 2)}\n`
}
