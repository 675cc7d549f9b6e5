import { stat } from 'node:fs/promises'
import { z } from 'zod'
import { InputError } from '../errors/index.js'
import { readWholeFile, writeFileAtomically } from '../io/index.js'

const pairSchema = z.object({
  /** From 0; null where the pairs are too few for folds. */
  fold: z.int().min(0).nullable(),
  same: z.boolean(),
  /** Names of the images: paths in the folder that they came from. */
  images: z.tuple([z.string(), z.string()]),
  /** Line of the pair list, from 1. */
  line: z.int().optional(),
  /** Keys of the records of the dataset. */
  records: z.tuple([z.number(), z.number()]).optional(),
})

const sidecarSchema = z.object({
  bin: z.object({ bytes: z.int(), xxh64: z.string() }),
  /** Names, never absolute paths, of what the pairs come from. */
  source: z.record(z.string(), z.union([z.string(), z.number()])),
  pairs: z.array(pairSchema),
})

/** A pair of a bin: what the pickle cannot hold. */
export type BinPair = z.infer<typeof pairSchema>

/** `X.bin.json`, beside a bin: fold, source and image names of each pair, and the hash of the bin. */
export type Sidecar = z.infer<typeof sidecarSchema>

export function sidecarPath(bin: string): string {
  return `${bin}.json`
}

/** JSON with one pair a line. @param workshop see `AtomicFile.create` @throws OutputError */
export async function writeSidecar(
  bin: string,
  { bin: hash, source, pairs }: Sidecar,
  workshop?: string,
): Promise<void> {
  const rows = pairs.map((pair) => `    ${JSON.stringify(pair)}`).join(',\n')
  await writeFileAtomically(
    sidecarPath(bin),
    `{\n  "bin": ${JSON.stringify(hash)},\n  "source": ${JSON.stringify(source)},\n  "pairs": [\n${rows}\n  ]\n}\n`,
    workshop,
  )
}

/** Undefined where the bin has none. @throws InputError where it is not a sidecar */
export async function readSidecar(bin: string): Promise<Sidecar | undefined> {
  const path = sidecarPath(bin)
  const exists = await stat(path).then(
    () => true,
    () => false,
  )
  if (!exists) return undefined
  const parsed = sidecarSchema.safeParse(parseJson(await readWholeFile(path), path))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  throw new InputError({
    file: path,
    problem: `is not the description of a bin: ${issue.path.join('.')}: ${issue.message}`,
    fix: 'Remove it to use the bin with ten contiguous folds, or make the bin again',
  })
}

function parseJson(bytes: Buffer, path: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw new InputError(
      {
        file: path,
        problem: 'is not JSON',
        fix: 'Remove it to use the bin with ten contiguous folds, or make the bin again',
      },
      { cause: error },
    )
  }
}
