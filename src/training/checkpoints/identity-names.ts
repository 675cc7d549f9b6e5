import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { inputErrorFrom, type OutputFile } from '../../io/index.js'

/** Names by label; undefined where a dataset does not tell one. */
export type IdentityNames = readonly (string | undefined)[]

/** Names that are written at once. */
const BATCH = 10_000

/** Writes one JSON string a line, `null` for a label without a name. @throws OutputError */
export async function writeIdentityNames(file: OutputFile, names: IdentityNames): Promise<void> {
  for (let start = 0; start < names.length; start += BATCH) {
    const lines = names.slice(start, start + BATCH).map((name) => `${JSON.stringify(name ?? null)}\n`)
    await file.write(Buffer.from(lines.join('')))
  }
}

/** @throws InputError */
export async function readIdentityNames(path: string): Promise<IdentityNames> {
  const names: (string | undefined)[] = []
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      names.push((JSON.parse(line) as string | null) ?? undefined)
    }
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
  return names
}

/** Whether there is a name at all. */
export function hasNames(names: IdentityNames): boolean {
  return names.some((name) => name !== undefined)
}
