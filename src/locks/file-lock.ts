import { readdir, readFile, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { LockedError } from '../errors/index.js'
import { createExclusively, removeTree, renamePath } from '../io/index.js'
import type { Log } from '../progress/progress.js'
import { ageText, isGone, isHere, type Owner, ownerHere, parseOwner } from './owner.js'

/** An owner touches its lock this often. On another host it cannot be asked: there it is gone if it did not for so long. */
const TOUCH_MS = 5_000
const LOST_AFTER_MS = 120_000

/** Paths of the locks that this process holds or tries for. */
const heldHere = new Set<string>()

/**
 * A lock that is a file with its owner in it. That of a process which is gone is taken over: from this host, where it is
 * asked for, or from another one, where it no longer touches the file.
 */
export class FileLock {
  readonly #path: string
  readonly #content: string
  readonly #touching: NodeJS.Timeout

  private constructor(path: string, content: string) {
    this.#path = path
    this.#content = content
    this.#touching = setInterval(() => touch(path), TOUCH_MS)
    this.#touching.unref()
  }

  /** @param runs what this process runs, for whoever meets the lock @throws LockedError naming the owner; OutputError */
  static async acquire(path: string, runs: string, log: Log): Promise<FileLock> {
    const owner = ownerHere(runs)
    if (heldHere.has(path)) throw lockedError(path, parseOwner((await readText(path)) ?? '') ?? owner)
    heldHere.add(path)
    try {
      const content = `${JSON.stringify(owner)}\n`
      await FileLock.#take(path, content, log)
      return new FileLock(path, content)
    } catch (error) {
      heldHere.delete(path)
      throw error
    }
  }

  static async #take(path: string, content: string, log: Log): Promise<void> {
    for (;;) {
      if (await createExclusively(path, content, temporaryName(path))) return sweep(path)
      const held = await readText(path)
      if (held === undefined) continue
      const other = parseOwner(held)
      // One of this very process is a copy that was put back, from a backup for instance: it holds no lock here.
      const dead = other && (isGone(other) || isHere(other) || (await isLost(path, other)))
      if (!dead) throw lockedError(path, other)
      log.warn(
        `taking over the lock of process ${other.pid} on ${other.host}, which is gone (it ran ${other.runs} since ${other.since}, ${ageText(other)} ago)`,
      )
      await takeAway(path, held)
    }
  }

  /** Lets the next one in; leaves alone a lock that is no longer ours. */
  async release(): Promise<void> {
    clearInterval(this.#touching)
    try {
      if ((await readText(this.#path)) === this.#content) await removeTree(this.#path)
    } finally {
      heldHere.delete(this.#path)
    }
  }
}

function touch(path: string): void {
  const now = new Date()
  // Not there any more: then it is no longer ours, and `release` leaves it alone.
  utimes(path, now, now).catch(() => {})
}

async function isLost(path: string, { host }: Owner): Promise<boolean> {
  if (host === hostname()) return false
  const found = await stat(path).catch(() => undefined)
  return found === undefined || Date.now() - found.mtimeMs > LOST_AFTER_MS
}

/** Names of this process alone, also where several hosts share the folder. */
function temporaryName(path: string, suffix = ''): string {
  return join(dirname(path), `.${basename(path)}.${hostname()}-${process.pid}${suffix}.tmp`)
}

/** Removes a dead lock. Another process may have replaced it meanwhile: then its lock is put back. */
async function takeAway(path: string, dead: string): Promise<void> {
  const aside = temporaryName(path, '.aside')
  try {
    await renamePath(path, aside)
  } catch (error) {
    if ((await readText(path)) === undefined) return
    throw error
  }
  const taken = await readText(aside)
  if (taken !== undefined && taken !== dead) await createExclusively(path, taken, temporaryName(path))
  await removeTree(aside)
}

/** Removes what processes left that were killed while they tried for the lock. */
async function sweep(path: string): Promise<void> {
  const prefix = `.${basename(path)}.${hostname()}-`
  for (const name of await readdir(dirname(path)).catch(() => [])) {
    const [, pid] =
      (name.startsWith(prefix) && /^(\d+)(?:\.aside)?\.tmp$/.exec(name.slice(prefix.length))) || []
    if (pid === undefined) continue
    const owner = { pid: Number(pid), host: hostname(), started: undefined }
    if (owner.pid === process.pid || isGone(owner)) await removeTree(join(dirname(path), name))
  }
}

function lockedError(path: string, owner: Owner | undefined): LockedError {
  if (owner === undefined)
    return new LockedError(`${path} is not a lock of ours. Remove it if nothing of facedata is running`)
  const elsewhere =
    owner.host === hostname()
      ? ''
      : `. Its lock is free ${LOST_AFTER_MS / 60_000} minutes after its end: ${path}`
  return new LockedError(
    `${owner.runs} is running since ${owner.since} (${ageText(owner)}) as process ${owner.pid} on ${owner.host}${elsewhere}`,
  )
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined
  }
}
