import { createReadStream, readFileSync } from 'node:fs'
import { createXxh64, hashToHex, xxh64 } from '../../hash/xxh64.js'
import { inputErrorFrom } from '../../io/index.js'
import type { Content, ContentSettings } from './content.js'
import type { ListedFile } from './file-list.js'

/** Smaller files are read several times as fast synchronously. */
const SMALL_BYTES = 256 * 1024

/** The content of files by their bytes, which are read where a size or time is not as it was. */
export async function hashedContent(
  files: Iterable<ListedFile> | AsyncIterable<ListedFile>,
  { known, reread = false, signal }: ContentSettings,
): Promise<Content> {
  const listed: { path: string; name: string; size: number }[] = []
  const states = createXxh64()
  for await (const { path, name, stat } of files) {
    signal?.throwIfAborted()
    listed.push({ path, name, size: stat.size })
    states.update(line(name, stateOf(stat)))
  }
  const state = hashToHex(states.digest())
  if (known?.state === state && !reread) return known
  const contents = createXxh64()
  for (const { path, name, size } of listed) {
    signal?.throwIfAborted()
    contents.update(line(name, await hashOf(path, size)))
  }
  return { digest: hashToHex(contents.digest()), state }
}

/** The change time cannot be set back: a file that was written to and given its old time again is read. */
export function stateOf({
  size,
  mtimeMs,
  ctimeMs,
}: {
  size: number
  mtimeMs: number
  ctimeMs: number
}): string {
  return `${size} ${mtimeMs} ${ctimeMs}`
}

/** xxHash64 of a file, in hex. @throws InputError */
export async function hashOf(path: string, size: number): Promise<string> {
  try {
    if (size <= SMALL_BYTES) return hashToHex(xxh64(readFileSync(path)))
    const hash = createXxh64()
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
    return hashToHex(hash.digest())
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
}

export function line(...words: string[]): Buffer {
  return Buffer.from(`${words.join('\0')}\0`, 'utf8')
}
