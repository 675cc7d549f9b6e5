import { randomBytes } from 'node:crypto'
import { readFile, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { LockedError } from '../errors/index.js'
import { createExclusively, removeTree, renamePath } from '../io/index.js'

const FILE = 'finish.lock'

/** Its owner touches the lock this often; one that was not touched for so long has lost its owner. */
const TOUCH_MS = 5_000
const LOST_AFTER_MS = 60_000

/**
 * One process at a time joins the shards of a plan. Another machine cannot be asked whether the owner is alive, so the
 * owner touches the lock as long as it is.
 */
export class FinishLock {
  readonly #path: string
  readonly #content: string
  readonly #timer: NodeJS.Timeout

  private constructor(path: string, content: string) {
    this.#path = path
    this.#content = content
    this.#timer = setInterval(() => touch(path), TOUCH_MS)
    this.#timer.unref()
  }

  /** @throws LockedError naming the owner */
  static async acquire(folder: string): Promise<FinishLock> {
    const path = join(folder, FILE)
    const content = `${JSON.stringify({ host: hostname(), pid: process.pid, since: new Date().toISOString() })}\n`
    for (;;) {
      if (await createExclusively(path, content, temporaryBeside(path))) return new FinishLock(path, content)
      const held = await readText(path)
      if (held === undefined) continue
      if (!(await isLost(path, held))) throw lockedError(path, held)
      await takeAway(path, held)
    }
  }

  async release(): Promise<void> {
    clearInterval(this.#timer)
    if ((await readText(this.#path)) === this.#content) await removeTree(this.#path)
  }
}

/** Two finishes of one process are apart, too. */
function temporaryBeside(path: string): string {
  return `${path}.${randomBytes(4).toString('hex')}.tmp`
}

function touch(path: string): void {
  const now = new Date()
  utimes(path, now, now).catch(() => {})
}

/** Another process may have taken it over meanwhile: then its lock is put back. */
async function takeAway(path: string, lost: string): Promise<void> {
  const aside = `${path}.${hostname()}-${process.pid}.tmp`
  try {
    await renamePath(path, aside)
  } catch (error) {
    if ((await readText(path)) === undefined) return
    throw error
  }
  const taken = await readText(aside)
  if (taken !== undefined && taken !== lost) await createExclusively(path, taken, temporaryBeside(path))
  await removeTree(aside)
}

async function isLost(path: string, held: string): Promise<boolean> {
  const owner = ownerOf(held)
  if (owner?.host === hostname() && !isAlive(owner.pid)) return true
  const found = await stat(path).catch(() => undefined)
  return found === undefined || Date.now() - found.mtimeMs > LOST_AFTER_MS
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

function lockedError(path: string, text: string): LockedError {
  const owner = ownerOf(text)
  const who = owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host}`
  return new LockedError(
    `${who} is joining the shards of this plan. If it is gone, its lock is free ${LOST_AFTER_MS / 1000} seconds after its end: ${path}`,
  )
}

function ownerOf(text: string): { host: string; pid: number } | undefined {
  try {
    const owner = JSON.parse(text) as { host: unknown; pid: unknown } | null
    if (typeof owner?.host !== 'string' || !Number.isInteger(owner.pid)) return undefined
    return { host: owner.host, pid: owner.pid as number }
  } catch {
    return undefined
  }
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}
