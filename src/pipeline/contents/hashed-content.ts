import { createReadStream, readFileSync } from 'node:fs'
import { createXxh64, hashToHex, xxh64 } from '../../hash/xxh64.js'
import { inputErrorFrom } from '../../io/index.js'
import type { Content, ContentSettings } from './content.js'
import type { FileList } from './file-list.js'

/** Smaller files are read several times as fast synchronously. */
const SMALL_BYTES = 256 * 1024

/**
 * The content of files by their bytes, which are read where a size or time is not as it was. They are listed once for
 * the one and again for the other: there may be more of them than memory holds names of.
 */
export async function hashedContent(
  list: FileList,
  { known, reread = false, signal }: ContentSettings,
): Promise<Content> {
  const states = createXxh64()
  for await (const { name, stat } of list()) {
    signal?.throwIfAborted()
    states.update(line(name, stateOf(stat)))
  }
  const state = hashToHex(states.digest())
  if (known?.state === state && !reread) return known
  const contents = createXxh64()
  for await (const { path, name, stat } of list()) {
    signal?.throwIfAborted()
    contents.update(line(name, await hashOf(path, stat.size)))
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
