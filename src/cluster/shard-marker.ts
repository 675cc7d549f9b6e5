import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { isAbsolute, join, normalize } from 'node:path'
import { z } from 'zod'
import { createXxh64, hashToHex } from '../hash/xxh64.js'
import { writeFileAtomically } from '../io/index.js'
import type { ShardResult } from '../stages/stage.js'

const count = z.number().int().nonnegative()

/** A marker names files of its own scratch folder and no others. */
const path = z
  .string()
  .min(1)
  .refine((name) => !isAbsolute(name) && !normalize(name).startsWith('..'))

const markerSchema = z.object({
  plan: z.string().optional(),
  files: z.array(z.object({ path, bytes: count, xxh64: z.string() })),
  done: count,
  skipped: count,
})

/** Says that a shard is done: written only after its files are under their names, hashed and counted. */
export function markerPath(scratch: string, shard: number): string {
  return join(scratch, `shard-${shard}.done.json`)
}

/** @param plan the id of the plan, where a shard could be taken for that of another one */
export async function writeMarker(
  scratch: string,
  shard: number,
  result: ShardResult,
  plan?: string,
): Promise<void> {
  const marker = { ...(plan !== undefined && { plan }), ...result }
  await writeFileAtomically(markerPath(scratch, shard), `${JSON.stringify(marker, null, 2)}\n`)
}

/**
 * The result of a shard that an earlier run finished; undefined where there is none, its files are not whole, or it is
 * that of another plan.
 */
export async function readMarker(
  scratch: string,
  shard: number,
  plan?: string,
): Promise<ShardResult | undefined> {
  const marker = parseMarker(await readFile(markerPath(scratch, shard), 'utf8').catch(() => ''))
  if (marker === undefined || marker.plan !== plan) return undefined
  const { files, done, skipped } = marker
  for (const file of files) {
    if (!(await isWhole(join(scratch, file.path), file))) return undefined
  }
  return { files, done, skipped }
}

function parseMarker(text: string): z.infer<typeof markerSchema> | undefined {
  try {
    return markerSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

async function isWhole(path: string, expected: { bytes: number; xxh64: string }): Promise<boolean> {
  try {
    if ((await stat(path)).size !== expected.bytes) return false
    const hash = createXxh64()
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
    return hashToHex(hash.digest()) === expected.xxh64
  } catch {
    return false
  }
}
