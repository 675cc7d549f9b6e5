import { createXxh64, hashToHex } from '../../hash/xxh64.js'
import type { Content, ContentSettings } from './content.js'
import type { FileList } from './file-list.js'
import { hashOf, line } from './hashed-content.js'

/**
 * The coarsest step of a file system's clock (FAT: 2 s). A file that was changed less than that before it was looked at
 * may change again and keep its time: such files are told by their bytes.
 */
const GRANULARITY_MS = 2000

/** The content of photos and archives by names, sizes and times: to read them all is what the step itself is for. */
export async function photoContent(list: FileList, settings: ContentSettings): Promise<Content> {
  const { known, signal } = settings
  const now = Date.now() - GRANULARITY_MS
  const hash = createXxh64()
  let newest = Number.NEGATIVE_INFINITY
  for await (const { name, stat } of list()) {
    signal?.throwIfAborted()
    hash.update(line(name, String(stat.size), String(stat.mtimeMs)))
    newest = Math.max(newest, stat.mtimeMs)
  }
  const states = hashToHex(hash.digest())
  if (known !== undefined) {
    const [knownStates, since] = known.digest.split(' ')
    const isSame =
      states === knownStates &&
      (since === undefined || known.digest === (await withBytes(states, Number(since), list, settings)))
    if (isSame) return known
  }
  return { digest: newest < now ? states : await withBytes(states, now, list, settings), state: '' }
}

/** With the bytes of those that were changed from a time on, in milliseconds since 1970. */
async function withBytes(
  states: string,
  since: number,
  list: FileList,
  { signal }: ContentSettings,
): Promise<string> {
  const hash = createXxh64()
  for await (const { path, stat } of list()) {
    signal?.throwIfAborted()
    if (stat.mtimeMs >= since) hash.update(line(await hashOf(path, stat.size)))
  }
  return `${states} ${since} ${hashToHex(hash.digest())}`
}
