import { join } from 'node:path'
import type { Face } from '../../alignment/index.js'
import { readWholeFile, writeFileAtomically } from '../../io/index.js'

/** What became of a photo: the face that was aligned, of so many in it; or why there is none. */
export type AlignedPhoto = { path: string } & ({ face: Face; faces: number } | { reason: string })

/** The file of a shard's photos, relative to the scratch folder. */
export function partFile(shard: number): string {
  return `part-${shard}.jsonl`
}

/** @returns its bytes */
export async function writePart(scratch: string, shard: number, photos: AlignedPhoto[]): Promise<Buffer> {
  const bytes = Buffer.from(photos.map((photo) => `${JSON.stringify(photo)}\n`).join(''))
  await writeFileAtomically(join(scratch, partFile(shard)), bytes)
  return bytes
}

export async function readPart(scratch: string, shard: number): Promise<AlignedPhoto[]> {
  const text = (await readWholeFile(join(scratch, partFile(shard)))).toString('utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AlignedPhoto)
}
