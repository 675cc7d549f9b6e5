import { open, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LockedError, OutputError } from '../errors/index.js'
import { createExclusively, fileSystemTime, removeTree, touchOwnFile } from '../io/index.js'
import type { Log } from '../progress/progress.js'
import { BEHIND, type ChainFile, prefixOf, readChain, readText, succeed } from './lock-chain.js'
import {
  ageText,
  isAskable,
  isGone,
  isHere,
  type LockOwner,
  type Owner,
  ownerHere,
  parseOwner,
  writerName,
  writerNamed,
} from './owner.js'

/**
 * An owner touches its lock this often. Where it cannot be asked for, on another machine, it is gone if it did not for so
 * long.
 */
const TOUCH_MS = 5_000
const LOST_AFTER_MS = 120_000

const TEMPORARY = '.tmp'

/** What is as old and no part of the chain is nobody's any more. */
const ABANDONED_AFTER_MS = 24 * 3_600_000

/** Tokens of the locks that this process holds or tries for. */
const heldHere = new Set<string>()

/**
 * A lock that is a file with its owner in it. That of a process which is gone is taken over: from this machine, where it
 * is asked for, or from another one, where it no longer touches the file. `lock-chain.ts` says why never two hold it.
 */
export class FileLock {
  readonly #path: string
  readonly #owner: LockOwner
  /** This owner's file is the last. */
  readonly #chain: ChainFile[]
  readonly #touching: NodeJS.Timeout

  private constructor(path: string, owner: LockOwner, chain: ChainFile[], log: Log) {
    this.#path = path
    this.#owner = owner
    this.#chain = chain
    this.#touching = setInterval(() => this.#touch(log), TOUCH_MS)
    this.#touching.unref()
  }

  /** @param runs what this process runs, for whoever meets the lock @throws LockedError naming the owner; OutputError */
  static async acquire(path: string, runs: string, log: Log): Promise<FileLock> {
    const owner = ownerHere(runs)
    heldHere.add(owner.token)
    try {
      const chain = await take(path, owner, log)
      // What cannot be removed does no harm.
      await sweep(path, chain).catch(() => {})
      return new FileLock(path, owner, chain, log)
    } catch (error) {
      heldHere.delete(owner.token)
      throw error
    }
  }

  /** Lets the next one in; leaves alone a lock that is no longer ours. */
  async release(): Promise<void> {
    clearInterval(this.#touching)
    const own = this.#chain.at(-1)!
    const end = ownerHere(this.#owner.runs)
    heldHere.add(end.token)
    try {
      if ((await readText(own.path)) !== own.content) return
      const last = await succeed(this.#path, this.#chain, contentOf(end), temporaryOf(this.#path, end))
      if (last === undefined) return
      for (const { path } of [...this.#chain, last]) await removeTree(path)
    } catch (error) {
      // Without room for that, on a full disk for instance, it stays as the lock of one who is gone, and is taken over.
      if (!(error instanceof OutputError)) throw error
    } finally {
      heldHere.delete(end.token)
      heldHere.delete(this.#owner.token)
    }
  }

  async #touch(log: Log): Promise<void> {
    const { path, content } = this.#chain.at(-1)!
    // What cannot be touched now may be in five seconds.
    const ours = await touchOwnFile(path, content).catch(() => true)
    if (ours || !heldHere.has(this.#owner.token)) return
    clearInterval(this.#touching)
    log.warn(
      `the lock ${this.#path} is no longer ours: it was removed, or this machine stood still for too long`,
    )
  }
}

async function take(path: string, owner: LockOwner, log: Log): Promise<ChainFile[]> {
  const content = contentOf(owner)
  const temporary = temporaryOf(path, owner)
  for (;;) {
    if (await createExclusively(path, content, temporary)) return [{ path, content }]
    const chain = await readChain(path)
    const last = chain.at(-1)
    if (last === undefined) continue
    const other = parseOwner(last.content)
    if (other === undefined || !(await isDead(other, last.path, temporary))) throw lockedError(path, other)
    const own = await succeed(path, chain, content, temporary)
    if (own === undefined) continue
    log.warn(
      `taking over the lock of process ${other.pid} on ${other.host}, which is gone (it ran ${other.runs} since ${other.since}, ${ageText(other)} ago)`,
    )
    return [...chain, own]
  }
}

/** @param temporary see `fileSystemTime` */
async function isDead(owner: Owner, path: string, temporary: string): Promise<boolean> {
  // One of this very process that it does not know of is a copy that was put back, from a backup for instance.
  if (isAskable(owner)) return hasLeft(owner)
  const touched = await timeOf(path)
  // Gone by now: then nobody succeeds it, and the chain is read again.
  if (touched === undefined) return true
  // Both times are of the file system: clocks of two machines may be minutes apart.
  return (await fileSystemTime(temporary)) - touched > LOST_AFTER_MS
}

/** Of an open file, since a name's time may be a minute old on NFS. */
async function timeOf(path: string): Promise<number | undefined> {
  const handle = await open(path).catch(() => undefined)
  if (handle === undefined) return undefined
  try {
    return (await handle.stat()).mtimeMs
  } finally {
    await handle.close()
  }
}

/** Removes what processes left that were killed while they tried for the lock or released it. */
async function sweep(lock: string, chain: readonly ChainFile[]): Promise<void> {
  const prefix = prefixOf(lock)
  for (const name of await readdir(dirname(lock)).catch(() => [])) {
    const path = join(dirname(lock), name)
    if (!name.startsWith(prefix) || chain.some((file) => file.path === path)) continue
    const rest = name.slice(prefix.length)
    if (!rest.startsWith(BEHIND) && !rest.endsWith(TEMPORARY)) continue
    // A power cut may leave a name without its content: what is written is told by the name.
    const writer = rest.endsWith(TEMPORARY) ? writerNamed(rest.slice(0, -TEMPORARY.length)) : undefined
    const owner = writer ?? parseOwner((await readText(path)) ?? '')
    if ((owner !== undefined && hasLeft(owner)) || (await isOld(path))) await removeTree(path)
  }
}

/** One of this very process is gone where it neither holds the lock nor tries for it. */
function hasLeft(owner: Owner): boolean {
  if (!isHere(owner)) return isGone(owner)
  return owner.token === undefined || !heldHere.has(owner.token)
}

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS
}

function contentOf(owner: Owner): string {
  return `${JSON.stringify(owner)}\n`
}

function temporaryOf(lock: string, owner: LockOwner): string {
  return join(dirname(lock), `${prefixOf(lock)}${writerName(owner)}${TEMPORARY}`)
}

function lockedError(path: string, owner: Owner | undefined): LockedError {
  if (owner === undefined)
    return new LockedError(`${path} is not a lock of ours. Remove it if nothing of facedata is running`)
  const elsewhere = isAskable(owner)
    ? ''
    : `. Its lock is free ${LOST_AFTER_MS / 60_000} minutes after its end: ${path}`
  return new LockedError(
    `${owner.runs} is running since ${owner.since} (${ageText(owner)}) as process ${owner.pid} on ${owner.host}${elsewhere}`,
  )
}
