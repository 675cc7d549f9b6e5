import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { FacedataError, InputError } from '../../../errors/index.js'
import { OutputFile, removeTree, renamePath } from '../../../io/index.js'
import type { Progress } from '../../../progress/progress.js'
import { networkReason, request } from './wheel-listing.js'

export interface Download {
  url: string
  headers: Record<string, string>
  /** Lower-case hex; undefined where the index names none. */
  sha256: string | undefined
  bytes: number | undefined
}

export interface DownloadOptions {
  progress: Progress
  signal?: AbortSignal | undefined
  /** Before a broken connection is tried again, in milliseconds. */
  pause?: number
}

/** A connection may break so often without a byte more. */
const ATTEMPTS = 4
const MEGABYTE = 1e6

/**
 * Brings a file under `path`, whole and with the hash that was promised, or not at all. What came of it stays beside it
 * as `.part`, and the next call goes on from there.
 * @returns its sha256
 * @throws InputError where the bytes are others than promised; FacedataError where the connection keeps breaking
 */
export async function download(
  path: string,
  { url, headers, sha256, bytes }: Download,
  options: DownloadOptions,
): Promise<string> {
  if (existsSync(path)) {
    const present = await sha256OfFile(path)
    if (sha256 === undefined || present === sha256) return present
  }
  const part = `${path}.part`
  let problem = ''
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await sizeOf(part)
    try {
      await fetchRest(part, url, headers, options, bytes)
      problem = ''
    } catch (error) {
      options.signal?.throwIfAborted()
      if (error instanceof FacedataError) throw error
      problem = networkReason(error)
    }
    const after = await sizeOf(part)
    if (problem === '' && (bytes === undefined || after >= bytes)) break
    if (after > before) attempt = -1
    await wait(options.pause ?? 1000, undefined, { signal: options.signal })
  }
  const size = await sizeOf(part)
  if (problem !== '' || (bytes !== undefined && size < bytes)) {
    throw new FacedataError(
      `${url} ended after ${size} of ${bytes ?? 'an unknown number of'} bytes${problem && ` (${problem})`}. ` +
        'Run the same command again: it goes on from there.',
    )
  }
  const actual = await sha256OfFile(part)
  if (sha256 !== undefined && actual !== sha256) {
    await removeTree(part)
    throw new InputError({
      file: url,
      problem: 'is not the file that the index announces',
      expected: `sha256 ${sha256}`,
      actual: `sha256 ${actual}, ${size} bytes`,
      fix: 'It was thrown away. Run the same command again, or name another index with --index.',
    })
  }
  await renamePath(part, path)
  return actual
}

/** Appends what is missing of the file, or all of it where the server cannot begin in the middle. */
async function fetchRest(
  part: string,
  url: string,
  headers: Record<string, string>,
  { progress, signal }: DownloadOptions,
  bytes: number | undefined,
): Promise<void> {
  const have = await sizeOf(part)
  if (bytes !== undefined && have === bytes) return
  const range = have > 0 ? { range: `bytes=${have}-` } : undefined
  const response = await request(url, {
    headers: { ...headers, 'accept-encoding': 'identity', ...range },
    signal: signal ?? null,
  })
  // 416: it has no such place, so what is here belongs to another file.
  if (response.status === 416) return removeTree(part)
  // What a busy mirror says can be true no more a moment later.
  if (response.status >= 500) throw new Error(`the server answers ${response.status}`)
  if (!response.ok || response.body === null) throw new FacedataError(`${url} answers ${response.status}`)
  const resumes = response.status === 206
  const file = resumes ? await OutputFile.continue(part) : await OutputFile.create(part)
  const rest = response.headers.get('content-length')
  const total = bytes ?? (rest === null ? undefined : file.position + Number(rest))
  progress.start(`downloading ${url.split('/').at(-1)}`, total && Math.round(total / MEGABYTE), 'MB')
  let shown = 0
  try {
    for await (const chunk of response.body) {
      await file.write(chunk)
      const megabytes = Math.floor(file.position / MEGABYTE)
      progress.advance(megabytes - shown)
      shown = megabytes
    }
    await file.sync()
  } finally {
    progress.finish()
    await file.close()
  }
}

async function sizeOf(path: string): Promise<number> {
  return existsSync(path) ? (await stat(path)).size : 0
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
