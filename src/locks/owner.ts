import { randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { hashToHex, xxh64 } from '../hash/xxh64.js'

/** Who holds a lock. */
export interface Owner {
  pid: number
  host: string
  /** ISO 8601. */
  since: string
  /** What it runs: a pipeline file, or a stage. */
  runs: string
  /** When the process started, in the kernel's ticks: tells it from a later process of the same number. */
  started: string | undefined
  /** Where its number means it: this start of the kernel and its space of process numbers. Containers may share a host's name. */
  place?: string | undefined
  /** No two locks have the same. */
  token?: string
}

/** The owner of one lock. */
export type LockOwner = Owner & { token: string }

const HERE = placeOfNumbers()

/** The same in the name of a file. */
const PLACE_NAME = hashToHex(xxh64(Buffer.from(HERE ?? hostname(), 'utf8')))

/** This process, for one lock. */
export function ownerHere(runs: string): LockOwner {
  return {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    runs,
    started: processStart(process.pid),
    place: HERE,
    token: randomBytes(8).toString('hex'),
  }
}

/** Undefined for what is no owner. */
export function parseOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Owner
    return typeof owner.pid === 'number' && typeof owner.host === 'string' ? owner : undefined
  } catch {
    return undefined
  }
}

/** The owner of a file that it writes, as the file's name says it. */
export function writerName({ pid, token }: LockOwner): string {
  return `${PLACE_NAME}-${pid}-${token}`
}

/** Of such a name; undefined where it is none, or of another place: its process cannot be asked for. */
export function writerNamed(name: string): Owner | undefined {
  const [, place, pid, token] = /^([0-9a-f]{16})-(\d+)-([0-9a-f]{16})$/.exec(name) ?? []
  if (token === undefined || place !== PLACE_NAME) return undefined
  const started = Number(pid) === process.pid ? processStart(process.pid) : undefined
  return { pid: Number(pid), host: hostname(), since: '', runs: '', started, place: HERE, token }
}

/** Whether the kernel can be asked here for its process. */
export function isAskable({ host, place }: Pick<Owner, 'host' | 'place'>): boolean {
  return host === hostname() && (place === undefined || HERE === undefined || place === HERE)
}

/** Whether its process has ended. One that cannot be asked for is taken to run. */
export function isGone(owner: Pick<Owner, 'pid' | 'host' | 'started' | 'place'>): boolean {
  const { pid, started } = owner
  if (!isAskable(owner)) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
  const now = processStart(pid)
  return started !== undefined && now !== undefined && now !== started
}

/** Whether it is this very process. */
export function isHere(owner: Owner): boolean {
  return owner.pid === process.pid && isAskable(owner) && owner.started === processStart(process.pid)
}

/** `5.0 h` */
export function ageText({ since }: Owner): string {
  const minutes = (Date.now() - Date.parse(since)) / 60_000
  if (!(minutes >= 1)) return 'less than a minute'
  if (minutes < 90) return `${Math.round(minutes)} min`
  return minutes < 2880 ? `${(minutes / 60).toFixed(1)} h` : `${Math.round(minutes / 1440)} days`
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

/** random(4) and namespaces(7); undefined where there is no /proc. */
function placeOfNumbers(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return undefined
  }
}
