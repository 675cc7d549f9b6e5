import { createXxh64, hashToHex } from '../../hash/xxh64.js'
import type { Content, ContentSettings } from './content.js'
import type { ListedFile } from './file-list.js'
import { hashOf, line } from './hashed-content.js'

/**
 * The coarsest step of a file system's clock (FAT: 2 s). A file that was changed less than that before it was looked at
 * may change again and keep its time: such files are told by their bytes.
 */
const GRANULARITY_MS = 2000

/** The content of photos and archives by names, sizes and times: to read them all is what the step itself is for. */
export async function photoContent(
  files: Iterable<ListedFile> | AsyncIterable<ListedFile>,
  { known, signal }: ContentSettings,
): Promise<Content> {
  const [knownStates, since] = known === undefined ? [] : known.digest.split(' ')
  const from = { now: Date.now() - GRANULARITY_MS, earlier: since === undefined ? Infinity : Number(since) }
  const recent: Record<keyof typeof from, { path: string; size: number }[]> = { now: [], earlier: [] }
  const hash = createXxh64()
  for await (const { path, name, stat } of files) {
    signal?.throwIfAborted()
    hash.update(line(name, String(stat.size), String(stat.mtimeMs)))
    for (const time of ['now', 'earlier'] as const) {
      if (stat.mtimeMs >= from[time]) recent[time].push({ path, size: stat.size })
    }
  }
  const states = hashToHex(hash.digest())
  if (known !== undefined && states === knownStates) {
    if (since === undefined) return known
    if (known.digest === `${states} ${since} ${await hashOfAll(recent.earlier)}`) return known
  }
  if (recent.now.length === 0) return { digest: states, state: '' }
  return { digest: `${states} ${from.now} ${await hashOfAll(recent.now)}`, state: '' }
}

async function hashOfAll(files: { path: string; size: number }[]): Promise<string> {
  const hash = createXxh64()
  for (const { path, size } of files) hash.update(line(await hashOf(path, size)))
  return hashToHex(hash.digest())
}
