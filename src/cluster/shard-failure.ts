import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { removeTree, writeFileAtomically } from '../io/index.js'

const failureSchema = z.object({ message: z.string(), job: z.string().optional() })

/** Why a shard was not done when it was last worked on. */
export type ShardFailure = z.infer<typeof failureSchema>

function failurePath(folder: string, shard: number): string {
  return join(folder, `shard-${shard}.failed.json`)
}

export async function noteFailure(folder: string, shard: number, failure: ShardFailure): Promise<void> {
  await writeFileAtomically(failurePath(folder, shard), `${JSON.stringify(failure, null, 2)}\n`)
}

export async function forgetFailure(folder: string, shard: number): Promise<void> {
  await removeTree(failurePath(folder, shard))
}

/** Undefined where there is none, and where it is damaged: it only explains. */
export async function readFailure(folder: string, shard: number): Promise<ShardFailure | undefined> {
  try {
    return failureSchema.safeParse(JSON.parse(await readFile(failurePath(folder, shard), 'utf8'))).data
  } catch {
    return undefined
  }
}
