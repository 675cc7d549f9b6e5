import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { createXxh64, hashToHex } from '../hash/xxh64.js'
import { writeFileAtomically } from '../io/index.js'
import type { ShardResult } from '../stages/stage.js'

const count = z.number().int().nonnegative()

const markerSchema: z.ZodType<ShardResult> = z.object({
  files: z.array(z.object({ path: z.string(), bytes: count, xxh64: z.string() })),
  done: count,
  skipped: count,
})

/** Says that a shard is done: written only after its files are under their names, hashed and counted. */
function markerPath(scratch: string, shard: number): string {
  return join(scratch, `shard-${shard}.done.json`)
}

export async function writeMarker(scratch: string, shard: number, result: ShardResult): Promise<void> {
  await writeFileAtomically(markerPath(scratch, shard), `${JSON.stringify(result, null, 2)}\n`)
}

/** The result of a shard that an earlier run finished; undefined where there is none, or its files are not whole. */
export async function readMarker(scratch: string, shard: number): Promise<ShardResult | undefined> {
  const result = parseMarker(await readFile(markerPath(scratch, shard), 'utf8').catch(() => ''))
  if (result === undefined) return undefined
  for (const file of result.files) {
    if (!(await isWhole(join(scratch, file.path), file))) return undefined
  }
  return result
}

function parseMarker(text: string): ShardResult | undefined {
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
