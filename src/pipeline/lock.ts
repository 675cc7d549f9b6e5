import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { LockedError } from '../errors/index.js'
import { createExclusively, removeTree, renamePath } from '../io/index.js'
import type { Log } from '../progress/progress.js'

/** Who holds a lock. */
interface Owner {
  pid: number
  host: string
  /** ISO 8601. */
  since: string
  pipeline: string
  /** When the process started, in the kernel's ticks: tells it from a later process of the same number. */
  started: string | undefined
}

const FILE = '.facedata.lock'

/**
 * One pipeline at a time writes into a datasets folder. The lock is a file in it; that of a process which is gone from
 * this host is taken over. A process on another host cannot be seen, so its lock stands until it is removed.
 */
export class PipelineLock {
  readonly #path: string
  readonly #content: string

  private constructor(path: string, content: string) {
    this.#path = path
    this.#content = content
  }

  /** @throws LockedError naming the owner; OutputError */
  static async acquire(folder: string, pipeline: string, log: Log): Promise<PipelineLock> {
    const path = join(folder, FILE)
    const owner: Owner = {
      pid: process.pid,
      host: hostname(),
      since: new Date().toISOString(),
      pipeline,
      started: processStart(process.pid),
    }
    const content = `${JSON.stringify(owner)}\n`
    for (;;) {
      if (await createExclusively(path, content)) return new PipelineLock(path, content)
      const held = await readText(path)
      if (held === undefined) continue
      const other = parseOwner(held)
      if (other === undefined || !isGone(other)) throw lockedError(path, other)
      log.warn(
        `taking over the lock of process ${other.pid}, which is gone (it ran ${other.pipeline} since ${other.since})`,
      )
      await takeAway(path, held)
    }
  }

  /** Lets the next one in; leaves alone a lock that is no longer ours. */
  async release(): Promise<void> {
    if ((await readText(this.#path)) === this.#content) await removeTree(this.#path)
  }
}

/** Removes a dead lock. Another process may have replaced it meanwhile: then its lock is put back. */
async function takeAway(path: string, dead: string): Promise<void> {
  const aside = `${path}.${process.pid}.tmp`
  try {
    await renamePath(path, aside)
  } catch (error) {
    if ((await readText(path)) === undefined) return
    throw error
  }
  const taken = await readText(aside)
  if (taken !== undefined && taken !== dead) await createExclusively(path, taken)
  await removeTree(aside)
}

function lockedError(path: string, owner: Owner | undefined): LockedError {
  if (owner === undefined)
    return new LockedError(`${path} is not a lock of ours. Remove it if no pipeline is running`)
  const elsewhere = owner.host === hostname() ? '' : `. If that host no longer runs it, remove ${path}`
  return new LockedError(
    `${owner.pipeline} is running since ${owner.since} as process ${owner.pid} on ${owner.host}${elsewhere}`,
  )
}

function parseOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Owner
    return typeof owner.pid === 'number' && typeof owner.host === 'string' ? owner : undefined
  } catch {
    return undefined
  }
}

function isGone({ pid, host, started }: Owner): boolean {
  if (host !== hostname()) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
  const now = processStart(pid)
  return started !== undefined && now !== undefined && now !== started
}

/** Field 22 of /proc/PID/stat (proc(5)); undefined where there is no /proc. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in field 2 may hold spaces and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined
  }
}
